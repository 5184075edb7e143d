#!/usr/bin/python3
"""Runs the examples of docs/api.md. Usage: check_examples.py FILE BASE_URL CALL_ID. A block ```sh is
run with BASE and ID set; what it prints has to be the block ```text that follows it, where `...`
stands for anything."""

import os
import re
import subprocess
import sys

file, base, call_id = sys.argv[1:]
text = open(file, encoding="utf-8").read()
examples = re.findall(r"```sh\n(.*?)```\n+(?:```text\n(.*?)```)?", text, re.S)
failed = 0
for command, expected in examples:
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", command], capture_output=True,
                          text=True, timeout=30, env={**os.environ, "BASE": base, "ID": call_id},
                          check=False)
    pattern = ".*?".join(re.escape(part) for part in expected.strip().split("..."))
    if done.returncode != 0 or not re.fullmatch(pattern, done.stdout.strip(), re.S):
        failed += 1
        print(f"--- {command}expected:\n{expected}got ({done.returncode}):\n{done.stdout}{done.stderr}")
print(f"{len(examples) - failed} of {len(examples)} examples are true")
sys.exit(1 if failed or not examples else 0)
