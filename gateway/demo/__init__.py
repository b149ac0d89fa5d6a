"""`breakwater demo`: a sample family on loopback. Nothing leaves the machine; no account, key or server is needed."""
