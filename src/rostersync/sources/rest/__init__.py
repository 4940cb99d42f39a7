"""OneRoster over REST, versions 1.1 and 1.2."""

from rostersync.sources.rest.settings import Auth, Bearer, NoAuth, OAuth1, OAuth2, RestSettings
from rostersync.sources.rest.source import RestSource

__all__ = ["Auth", "Bearer", "NoAuth", "OAuth1", "OAuth2", "RestSettings", "RestSource"]
