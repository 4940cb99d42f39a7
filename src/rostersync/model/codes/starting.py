"""The words for what keeps a run from starting or a source from being read: CFG, AUTH, NET, SRC."""

from __future__ import annotations

from rostersync.model.codes.entry import Text
from rostersync.model.codes.names import Code

CONFIGURATION = {
    Code.CFG_NOT_FOUND: Text(
        "No configuration found",
        "None of the places where a configuration may stand has one; the message lists them in the order looked at.",
        "The command runs in another folder or, under cron, as another user than the one who wrote the file.",
        "Name the file with --config PATH or in ROSTERSYNC_CONFIG, or put rostersync.toml where the command runs.",
    ),
    Code.CFG_NOT_TOML: Text(
        "The configuration is not TOML",
        "The file cannot be read as TOML, so nothing in it is known.",
        "A text without quotes, a bracket or quote that is not closed, or a table or key that stands twice.",
        "Mend the line that the message names. Texts stand in double quotes, tables in [brackets].",
    ),
    Code.CFG_INVALID: Text(
        "Invalid key or value",
        "A key is unknown, a value has the wrong type or is not allowed, or two options contradict each other.",
        "A misspelt key, a number in quotes, an option of another source type, or a feature that is not there yet.",
        "Mend each line that the message names; all problems are listed at once. `rostersync check` reads it again.",
    ),
    Code.CFG_SECRET: Text(
        "A secret cannot be had",
        "A secret that the configuration refers to could not be read, or stands in the file in plain text.",
        "The environment variable is not set for cron, the file is missing or readable by others, or the command "
        "failed.",
        "Set what the reference names: env:NAME, file:PATH (chmod 600), cred:NAME, cmd:COMMAND or "
        "keyring:SERVICE/USER.",
    ),
    Code.CFG_NO_INTEGRATION: Text(
        "No such integration",
        "The configuration has no integration of that name, or it is switched off.",
        "A misspelt name, another configuration file than expected, or `enabled = false`.",
        "Use the key that stands after [integrations.…] in the file; `rostersync status` lists them.",
    ),
    Code.CFG_SOURCE_SWITCHED: Text(
        "The source has been switched",
        "The integration has synced from another address, type or version. Identifiers there may stand for other "
        "people, so that a run might remove the old roster and create a new one beside it.",
        "The student information system moved, or version or URL were edited in [integrations.NAME.source].",
        "Look at `rostersync preview NAME --accept-source-change`; if it is right, run with the same option. Else "
        "undo the edit.",
    ),
    Code.CFG_USAGE: Text(
        "The command line is not understood",
        "A command, an option or an argument does not exist or does not go with the others.",
        "A misspelt option, a run or person that does not exist, or a question that could not be asked without a "
        "terminal.",
        "See `rostersync COMMAND --help`. In scripts, answer questions beforehand with --yes or --confirm NAME.",
    ),
}

ACCESS = {
    Code.AUTH_TOKEN_REFUSED: Text(
        "The token was refused",
        "The token endpoint did not accept the client id and secret, or the scopes asked for.",
        "A wrong or expired secret, a client that is not enabled, or a server that wants the credentials elsewhere.",
        'Compare client_id and client_secret with the vendor\'s page. Then try client_auth = "body", or set scopes '
        '(scopes = [""] sends none).',
    ),
    Code.AUTH_TOKEN_UNREADABLE: Text(
        "The token's reply is not understood",
        "The token endpoint answered, but not with a JSON object that has an access_token.",
        "token_url points to a web page or a login form, or a proxy answered in the server's place.",
        "Correct source.auth.token_url; the vendor's OneRoster page names it. It is seldom the OneRoster URL itself.",
    ),
    Code.AUTH_UNAUTHORIZED: Text(
        "The server does not accept the credentials",
        "OneRoster requests are answered with 401, also with a fresh token or signature.",
        "OAuth 1 with a wrong key, secret or signature method, a clock that is wrong, or a token for another server.",
        "Check source.auth (type, signature_method) and the clock of this machine; `rostersync check NAME` shows the "
        "skew.",
    ),
    Code.AUTH_FORBIDDEN: Text(
        "Access to the data is not granted",
        "The server knows the client, and answers 403: it may not read this collection.",
        "The scopes asked for or granted to the client do not include rostering, or the vendor has not released the "
        "data.",
        "Ask the vendor to grant read access to core rostering; see source.auth.scopes for what is asked for.",
    ),
}

NETWORK = {
    Code.NET_UNREACHABLE: Text(
        "The server cannot be reached",
        "No connection came about: the name is unknown, or nothing answers at the address.",
        "A misspelt host in the URL, a firewall, or a proxy that this machine needs.",
        "Try the URL with curl on this machine and as this user. Ask whether its address must be allowed by the "
        "vendor.",
    ),
    Code.NET_TLS: Text(
        "The secure connection failed",
        "The server's certificate could not be verified, so nothing was sent.",
        "A district's own certificate authority, an expired certificate, or a firewall that opens connections.",
        "Name the authority's certificate in source.ca_file. Verification cannot be switched off.",
    ),
    Code.NET_STILL_FAILING: Text(
        "Still failing after the retries",
        "The server kept answering with errors (429, 5xx), too late, or not at all, until retries or time were used "
        "up.",
        "Maintenance, too many requests at once, or pages too large for the server. Nothing was changed.",
        "Try again later. If it stays, lower source.page_size and source.concurrency, or raise timeout, retries, "
        "deadline.",
    ),
    Code.NET_FOREIGN_LINK: Text(
        "A link to another origin was ignored",
        "The link to the next page names another host, port or scheme. It was not followed: pages are asked for by "
        "offset.",
        "The server stands behind a proxy and does not know its own public address.",
        "Nothing needs doing while the fetch is complete. Tell the vendor, so that the links become right.",
    ),
    Code.NET_FOREIGN_REDIRECT: Text(
        "A redirect to another origin was refused",
        "The server sends requests on to another host, port or scheme, where the credentials must not go.",
        "The service has moved, http is redirected to https, or a login page answers in its place.",
        "If the new address is the vendor's, set it as source.url or source.auth.token_url.",
    ),
}

SOURCE = {
    Code.SRC_NOT_ONEROSTER: Text(
        "The answer is not OneRoster",
        "The server answered with something else than the collection asked for: HTML, broken JSON, no envelope, too "
        "much.",
        "source.url points to a web page or to another version of the standard, or a proxy answered in between.",
        "Check source.url and source.version. The URL ends in /ims/oneroster/v1p1 or /ims/oneroster/rostering/v1p2.",
    ),
    Code.SRC_INCOMPLETE: Text(
        "A collection is incomplete",
        "The rows that came do not add up with what the server says it has, also the second time. What is missing in "
        "them must not be taken for deleted.",
        "The data changed during the fetch, or the server's paging skips or repeats rows.",
        "Run again at a quiet hour. If it stays, try a smaller source.page_size and concurrency = 1, and tell the "
        "vendor.",
    ),
    Code.SRC_ENDPOINT_MISSING: Text(
        "An endpoint is missing",
        "The server has no such collection at the configured address. Without sessions or courses the run goes on and "
        "is "
        "partial; without any other it fails.",
        "A vendor that does not offer it, a URL of another version, or a collection that must be enabled there.",
        "Check source.url and source.version with `rostersync check NAME`, and ask the vendor to enable the endpoint.",
    ),
    Code.SRC_FILTER_IGNORED: Text(
        "Fetched in full, for want of a filter",
        "The server cannot tell what has changed since the last run, so the collection was fetched whole. It is as "
        "right, only slower.",
        "The server ignores or refuses the filter on dateLastModified, or does not keep that date.",
        'Nothing needs doing. sync.mode = "full" saves the attempt.',
    ),
    Code.SRC_ARCHIVE_UNREADABLE: Text(
        "The archive cannot be read",
        "The folder or zip of CSV files is missing, damaged, or larger unpacked than is safe.",
        "An upload that has not ended yet, a wrong source.path, or missing rights.",
        "Check source.path and its rights, and ask for the export again.",
    ),
    Code.SRC_MANIFEST_MISMATCH: Text(
        "Manifest and files disagree",
        "manifest.csv names files that are not there, or leaves out files that are, so that it is not known what is "
        "complete.",
        "The export was cut off, or put together by hand.",
        "Ask for the export again. A bulk file must be listed in the manifest as bulk.",
    ),
    Code.SRC_HOST_KEY: Text(
        "The SFTP host key is not trusted",
        "The server's key is unknown or has changed, so nothing was sent.",
        "The host is not yet in known_hosts, or the server was set up anew, or it is another server.",
        "Ask the vendor for the key's fingerprint, and add the key to the file named by source.known_hosts.",
    ),
    Code.SRC_TOLERATED: Text(
        "The files differ from the standard",
        "The package has its files in a folder, or names and columns in another order or case than the standard, or "
        "lacks columns that may be empty. It was accepted all the same.",
        "The vendor's export does not keep to the standard in what does no harm here; other programs may refuse it.",
        "Nothing needs doing. `rostersync validate` shows each difference, for the vendor to mend.",
    ),
    Code.SRC_REPEATED: Text(
        "The package has already been processed",
        "The package is, byte for byte, the one of the last run, so it was not read again. What depends on the day "
        "was decided anew.",
        "There has been no new export since, or its upload is late or has failed.",
        "Nothing needs doing, unless a new package was due: then ask the vendor. `--full` reads it all the same.",
    ),
}

STARTING: dict[Code, Text] = CONFIGURATION | ACCESS | NETWORK | SOURCE
