"""`python -m netspatial`: the command line, where no script of that name is installed."""

from netspatial.cli import main

if __name__ == "__main__":
    main()
