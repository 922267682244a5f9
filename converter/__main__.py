"""`python -m converter`: the command line, where its script is not on the PATH."""

from converter.cli import main

if __name__ == "__main__":
    main()
