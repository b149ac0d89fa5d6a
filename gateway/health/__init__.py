"""How an installation does, in numbers that hold no content, no name and no address: for a person, for a page, for a monitor."""
