"""The parent's own dated notes: always told apart from messages, in the log from the moment they are written."""
