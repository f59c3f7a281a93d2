#!/usr/bin/env python3
"""run.py PROGRAM SECONDS: one fuzz target on its corpus.

The corpus in the tree is only read: what a run finds stays beside the program. An input that makes the program fail or
takes longer than five seconds (under two sanitizers, on a busy machine) fails the run and is kept there, too."""
import os
import shutil
import subprocess
import sys

TREE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "corpus")


def corpora_of(name):
    """smtp_reply_fuzz has its inputs in corpus/smtp_reply."""
    short = name.removesuffix("_fuzz")
    return [folder for folder in (os.path.join(TREE, each) for each in (name, short)) if os.path.isdir(folder)]


def main(program, seconds):
    name = os.path.basename(program)
    found = os.path.join(os.path.dirname(os.path.dirname(program)), "corpus", name)
    os.makedirs(found, exist_ok=True)
    seeds = corpora_of(name)
    if not seeds:
        sys.exit(f"{name} has no corpus in {TREE}")
    for folder in seeds:
        shutil.copytree(folder, found, dirs_exist_ok=True)
    done = subprocess.run(
        [program, f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=5", "-print_final_stats=1",
         "-error_exitcode=1",  # libFuzzer's own is 77, which CTest takes for a skipped test
         f"-artifact_prefix={os.path.join(os.path.dirname(found), name)}-", found], check=False)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]), int(sys.argv[2]))
