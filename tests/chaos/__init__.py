"""An hour of mishaps in minutes: whatever is killed, cut, full or set wrong, nothing accepted is lost and nothing goes out twice unsaid."""
