"""`python -m netspatial`: the command line without the installed script."""

from netspatial.cli import main

if __name__ == "__main__":
    main()
