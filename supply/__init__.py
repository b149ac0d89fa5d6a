"""What the program is made of, and how it is packed: lock file, licences, bill of materials, audit, wheel. Not needed at run time."""
