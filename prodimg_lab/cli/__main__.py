"""`python -m prodimg_lab.cli`."""

from prodimg_lab.cli import main

main()
