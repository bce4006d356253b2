"""Tests of how the project is set up, served and packaged."""
