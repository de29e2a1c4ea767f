"""The app as a server: start, sign-in, allowed hosts, workspaces, and files that browsers fetch."""
