"""A backup of an installation while it runs, and the way back from one.

    data folder ──snapshot──▶ files and their bytes ──chunks──▶ repository (sealed objects) ──manifest──▶ done
    repository ──manifest──▶ files, each compared with its hash ──▶ a new folder ──▶ the log verified to its last checkpoint

1. `snapshot` takes a consistent copy of the database first, then lists the blobs. Blobs are never changed and are durable
   before a row names them, so whatever the copy of the database names is either in the folder or in the copy itself.
2. `repository` keeps bytes in sealed objects. An object is named by a keyed hash of what it holds: what is there already is
   not written again, and somebody who has only the repository can tell neither what is in it nor whether a certain
   message is. It is sealed (age, X25519) to a public key whose secret half is *not on this machine*: a machine that is
   taken over can add backups and cannot read the old ones.
   Where the installation seals, it is sealed with the master key inside that, and no backup holds the master key.
3. The manifest is written last. A backup that was cut off has none; its objects are used by the next one.
4. `restore` goes the other way into a folder that does not exist yet, and believes nothing: every file is compared with
   the hash in the manifest, every stored message with its hash in the log, the log with its checkpoints.
"""
