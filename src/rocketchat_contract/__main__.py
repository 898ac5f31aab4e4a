"""``python -m rocketchat_contract`` and the console script."""

from rocketchat_contract.cli import main

if __name__ == "__main__":
    main()
