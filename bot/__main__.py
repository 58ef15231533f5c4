"""`python -m bot` is `tierline`."""

from bot.cli import main

if __name__ == "__main__":
    main()
