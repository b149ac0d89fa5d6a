"""What lies on the disk is sealed: who steals it without the master key can read nothing of it.

    master key (a file, the environment, or what a command unwraps)
        │ wraps
        ▼
    data key of each family, and one of the installation (table `data_key`, wrapped)
        │ seals, AES-256-GCM
        ▼
    bytes of messages, attachments, recordings, photos: the folder of blobs, and `fresh` until they lie there

1. `master` reads the master key; `breakwater init`, or the first start, makes its file.
2. `keyring` unwraps a family's key when it is first needed and makes one where there is none. It commits the key before
   anything is sealed with it: what is sealed under a key that a rollback took away would be lost.
3. `box` seals and opens: pure functions of keys and bytes. Each box names its key, and opens only as what it was sealed as.
4. `store.blobs` seals before it hands bytes to its folder. The log goes on to speak of the hashes of the plain bytes; the
   name of a sealed blob is a keyed hash of that hash, so that a thief cannot try whether a certain text is there.
5. `quiet` seals what an older version left plain, when nothing else is to be done: the sealed file is on the disk before
   the plain one goes.
"""
