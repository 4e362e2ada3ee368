"""The bucket into which SES puts mail that arrives: read once, then deleted. What is left there is deleted after some days."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import Unavailable

_GONE = {"NoSuchKey", "404"}


class MailStore:
    """Mails by their key. `client` is the SDK's for S3."""

    def __init__(self, client: Any, bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def read(self, key: str, most: int) -> bytes | None:
        """Returns the first `most` bytes of a mail. None where it was worked off before. Raises Unavailable."""
        try:
            found = self._client.get_object(Bucket=self._bucket, Key=key)
            raw: bytes = found["Body"].read(most)
            found["Body"].close()
            return raw
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") in _GONE:
                return None
            raise Unavailable from error
        except BotoCoreError as error:
            raise Unavailable from error

    def delete(self, key: str) -> None:
        """Deletes a mail that was worked off. Raises Unavailable: it is then read again, which changes nothing."""
        try:
            self._client.delete_object(Bucket=self._bucket, Key=key)
        except (ClientError, BotoCoreError) as error:
            raise Unavailable from error
