"""The tools that recipes chain: one file a tool."""
