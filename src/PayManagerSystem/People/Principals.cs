using System.Security.Claims;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;

namespace PayCore.PayManagerSystem.People;

/// <summary>An operator as ASP.NET's principal, made from a session.</summary>
public static class Principals
{
    /// <summary>The claim of a permission.</summary>
    public const string Permission = "permission";

    private const string Name = "name";
    private const string DisplayName = "display_name";
    private const string Session = "session";
    private const string Token = "token_hash";

    /// <summary>Who an operator is and what they may.</summary>
    internal static ClaimsPrincipal Of(OperatorSession session, string tokenHash) => new(new ClaimsIdentity(
        [
            new(ClaimTypes.NameIdentifier, session.Operator.OperatorId),
            new(Name, session.Operator.Name),
            new(DisplayName, session.Operator.DisplayName),
            new(Session, session.SessionId),
            new(Token, tokenHash),
            .. PermissionsOf(session).Select(p => new Claim(Permission, $"{p}")),
        ],
        SessionAuthentication.Scheme, Name, ClaimTypes.Role));

    /// <summary>What a session's operator may.</summary>
    internal static IReadOnlySet<ConsolePermission> PermissionsOf(OperatorSession session) => BuiltInRoles.Of(session.Operator.Roles, session.CustomRoles);

    /// <summary>The operator's id.</summary>
    public static string OperatorId(this ClaimsPrincipal user) => Value(user, ClaimTypes.NameIdentifier);

    /// <summary>The name that log-in and audit log know.</summary>
    public static string OperatorName(this ClaimsPrincipal user) => Value(user, Name);

    /// <summary>The name that is shown.</summary>
    public static string ShownName(this ClaimsPrincipal user) => Value(user, DisplayName);

    /// <summary>The session's id.</summary>
    public static string SessionId(this ClaimsPrincipal user) => Value(user, Session);

    /// <summary>Whether the operator may.</summary>
    public static bool May(this ClaimsPrincipal user, ConsolePermission permission)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.HasClaim(Permission, $"{permission}");
    }

    /// <summary>By what the session is found in the records.</summary>
    internal static string TokenHash(this ClaimsPrincipal user) => Value(user, Token);

    private static string Value(ClaimsPrincipal user, string type) => user.FindFirst(type)?.Value ?? "";
}
