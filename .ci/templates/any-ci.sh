#!/bin/sh
# Any CI that has a shell: set CONTRACT_URL, keep reports/ (without ledger.jsonl), and let the exit code decide.
python3 -m venv .rocketchat-contract && .rocketchat-contract/bin/pip install --quiet "${CONTRACT_SUITE:-rocketchat-contract}" && .rocketchat-contract/bin/rocketchat-contract run ${CONTRACT_URL:+"$CONTRACT_URL"} --profile "${CONTRACT_PROFILE:-gate}" --yes --report-dir reports
