"""Connections to SSH servers, for what is fetched and what is delivered by SFTP."""
