"""The handler of identity providers that speak OpenID Connect.

Source for the whole module: registry schema of AWS::IAM::OIDCProvider; IAM API reference, CreateOpenIDConnectProvider.
"""

from __future__ import annotations

from collections.abc import Mapping

from stslab.errors import Undetermined
from stslab.targets.made import Made
from stslab.targets.stacks.client import Client, Refused
from stslab.targets.stacks.handlers import Handler, Properties
from stslab.targets.stacks.identities import tags_of


class OIDCProvider:
    """An identity provider, which has no name but its URL, and of which an account has one a URL."""

    named = ""
    replacing = frozenset({"Url"})

    def create(self, client: Client, _name: str, properties: Properties) -> Made:
        """Make it, with the audiences, the thumbprints and the tags that it is born with.

        Raises:
            Refused: IAM refuses it, as where the account has one of that URL already.
        """
        url = str(properties.get("Url") or "")
        tags = [{"Key": key, "Value": value} for key, value in tags_of(properties).items()]
        try:
            answer = client.ask(
                "iam",
                "CreateOpenIDConnectProvider",
                Url=url,
                ClientIDList=properties.get("ClientIdList"),
                ThumbprintList=properties.get("ThumbprintList"),
                Tags=tags,
            )
        except Refused as refused:
            if refused.code != "EntityAlreadyExists":
                raise
            message = f"Resource of type 'AWS::IAM::OIDCProvider' with identifier '{url}' already exists."
            raise Refused(message, refused.code) from None
        arn = str(answer["OpenIDConnectProviderArn"])
        return Made("AWS::IAM::OIDCProvider", arn, {"Arn": arn})

    def configure(self, client: Client, made: Made, before: Properties, after: Properties) -> None:
        """Bring its thumbprints and tags to where the template wants them, and read it back.

        Raises:
            Refused: IAM refuses it.
            Undetermined: its audiences change, for which moto has no operation.
        """
        me = {"OpenIDConnectProviderArn": made.physical_resource_id}
        if before:
            self._change(client, me, before, after)
        client.ask("iam", "GetOpenIDConnectProvider", **me)

    def delete(self, client: Client, made: Made, _properties: Properties) -> None:
        """Delete it.

        Raises:
            Refused: IAM refuses it.
        """
        client.drop("iam", "DeleteOpenIDConnectProvider", OpenIDConnectProviderArn=made.physical_resource_id)

    def _change(self, client: Client, me: dict[str, str], before: Properties, after: Properties) -> None:
        if set(before.get("ClientIdList") or []) != set(after.get("ClientIdList") or []):
            raise Undetermined("moto does not change the audiences of an identity provider.")
        thumbprints = after.get("ThumbprintList")
        if thumbprints and thumbprints != before.get("ThumbprintList"):
            client.ask("iam", "UpdateOpenIDConnectProviderThumbprint", **me, ThumbprintList=thumbprints)
        had, wanted = tags_of(before), tags_of(after)
        if had.keys() - wanted.keys():
            client.ask("iam", "UntagOpenIDConnectProvider", **me, TagKeys=sorted(had.keys() - wanted.keys()))
        if wanted and wanted != had:
            listed = [{"Key": key, "Value": value} for key, value in wanted.items()]
            client.ask("iam", "TagOpenIDConnectProvider", **me, Tags=listed)


HANDLERS: Mapping[str, Handler] = {"AWS::IAM::OIDCProvider": OIDCProvider()}
