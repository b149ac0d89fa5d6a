"""What the parent writes back: who wrote it, whether it goes, what of it goes, and how.

    parent's mail or text ─ read (command, code, words) ─ prove (a card of ours is answered, or its code is there) ─┐
                                                                                                                 ▼
       refused: told over another way ◄── no proof      draft ─ look (coach) ─► asked: "SEND" or "EDIT"  or  goes to the ex

Only the newly written words leave, in a message that is made anew. Nothing here decides for the parent.
"""
