"""Processes that tests kill: forked from one that has imported everything, so that a life begins at once.

There is one server of forks for all tests, and the last list of modules that was set before its first fork is the one that counts;
so the list stands here, for all of them. (With a list in each test module, most lives began with two seconds of imports.)
"""

from __future__ import annotations

import multiprocessing

spawn = multiprocessing.get_context("forkserver")
spawn.set_forkserver_preload(
    [
        "gateway.serve",
        "gateway.tagging.tagger",
        "tests.delivery.killed_edge",
        "tests.e2e.crashing",
        "tests.e2e.crashing_mailbox",
        "tests.intake.archives.test_import_killed",
        "tests.intake.killed_worker",
    ]
)
