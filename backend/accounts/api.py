"""The accounts API: who is asking, and the API tokens that scripts log in with."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from knox.models import AuthToken
from rest_framework import serializers, status
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import services
from accounts.selectors import user_of
from accounts.services import TOKEN_ID_LENGTH


class AccountSerializer(serializers.Serializer[Any]):
    """The person who is asking."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    is_staff = serializers.BooleanField(help_text="Whether this is an administrator.")


class TokenSerializer(serializers.Serializer[Any]):
    """An API token, without its secret."""

    id = serializers.SerializerMethodField(help_text="What to delete it by.")
    created = serializers.DateTimeField()
    expires = serializers.DateTimeField(source="expiry", allow_null=True, help_text="Null: never.")

    def get_id(self, token: Any) -> str:
        """Return the first digits of the token's digest: enough to tell one's own tokens apart."""
        return str(token.digest[:TOKEN_ID_LENGTH])


class NewTokenSerializer(TokenSerializer):
    """An API token just made: the only time its secret is shown."""

    token = serializers.CharField(help_text="Send it as `Authorization: Token …`. It is not shown again.")


class AccountView(APIView):
    """The account that is asking."""

    @extend_schema(operation_id="show_account", responses=AccountSerializer)
    def get(self, request: Request) -> Response:
        """Show who is asking."""
        return Response(AccountSerializer(request.user).data)


class TokensView(APIView):
    """One's own API tokens."""

    @extend_schema(operation_id="list_tokens", responses=TokenSerializer(many=True))
    def get(self, request: Request) -> Response:
        """List one's own API tokens, newest first, without their secrets."""
        tokens = AuthToken.objects.filter(user=user_of(request)).order_by("-created")
        return Response(TokenSerializer(tokens, many=True).data)

    @extend_schema(operation_id="create_token", request=None, responses={201: NewTokenSerializer})
    def post(self, request: Request) -> Response:
        """Make an API token. Its secret is in this answer and nowhere else."""
        row, token = services.create_token(user=user_of(request))
        row.token = token
        return Response(NewTokenSerializer(row).data, status=status.HTTP_201_CREATED)


class TokenView(APIView):
    """One API token."""

    @extend_schema(
        operation_id="delete_token",
        parameters=[OpenApiParameter("token_id", str, OpenApiParameter.PATH)],
        responses={204: None},
    )
    def delete(self, request: Request, token_id: str) -> Response:
        """Delete one of one's own API tokens; whoever uses it is logged out at once."""
        if not services.delete_token(user=user_of(request), token_id=token_id):
            raise NotFound
        return Response(status=status.HTTP_204_NO_CONTENT)
