#!/bin/sh
# Any CI that has a shell: put your copy of the suite in the place of your-org, set CONTRACT_URL, keep reports/ (without ledger.jsonl), and let the exit code decide.
python3 -m venv .rocketchat-contract && .rocketchat-contract/bin/pip install --quiet "${CONTRACT_SUITE:-https://github.com/your-org/rocketchat-contract/archive/refs/tags/v0.1.0.tar.gz}" && .rocketchat-contract/bin/rocketchat-contract run ${CONTRACT_URL:+"$CONTRACT_URL"} --profile "${CONTRACT_PROFILE:-gate}" --yes --report-dir reports
