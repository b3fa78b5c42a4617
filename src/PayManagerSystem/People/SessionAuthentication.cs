using System.Text.Encodings.Web;
using Grpc.Core;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults.Ports;

namespace PayCore.PayManagerSystem.People;

/// <summary>Nothing besides what ASP.NET has.</summary>
internal sealed class SessionAuthenticationOptions : AuthenticationSchemeOptions;

/// <summary>Says whose request it is, by the session in the records: one that was ended there is over at once.</summary>
internal sealed class SessionAuthentication(
    IOptionsMonitor<SessionAuthenticationOptions> schemes, IOptions<ConsoleOptions> console, Operators.OperatorsClient operators, TimeProvider time, ILoggerFactory logs, UrlEncoder encoder)
    : AuthenticationHandler<SessionAuthenticationOptions>(schemes, logs, encoder)
{
    /// <summary>Its name.</summary>
    public new const string Scheme = "console";

    /// <summary>A session's last use is written so often at most.</summary>
    private static readonly TimeSpan _touchEvery = TimeSpan.FromMinutes(1);

    protected override async Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        // Everybody may have the files.
        if (Request.Path.StartsWithSegments("/console-assets"))
        {
            return AuthenticateResult.NoResult();
        }

        if (Context.Features.Get<PortFeature>()?.Kind != PortKind.Console || SessionCookie.Session.ReadHash(Context) is not { } hash)
        {
            return AuthenticateResult.NoResult();
        }

        try
        {
            var now = time.GetUtcNow();
            var request = new ReadSessionRequest { TokenHash = hash, SeenAfter = Google.Protobuf.WellKnownTypes.Timestamp.FromDateTimeOffset(now - console.Value.IdleTimeout) };
            var session = await operators.ReadSessionAsync(request, cancellationToken: Context.RequestAborted);
            if (session.Confirmed && session.SeenTime.ToDateTimeOffset() < now - _touchEvery)
            {
                request.Touch = true;
                await operators.ReadSessionAsync(request, cancellationToken: Context.RequestAborted);
            }

            return session.Confirmed
                ? AuthenticateResult.Success(new AuthenticationTicket(Principals.Of(session, hash), Scheme))
                : AuthenticateResult.NoResult();
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.NotFound || Context.RequestAborted.IsCancellationRequested)
        {
            return AuthenticateResult.NoResult();
        }
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        var isPage = HttpMethods.IsGet(Request.Method) && Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal);
        if (isPage)
        {
            Response.Redirect(QueryHelpers.AddQueryString("/login", "back", $"{Request.Path}{Request.QueryString}"));
        }
        else
        {
            Response.StatusCode = StatusCodes.Status401Unauthorized;
        }

        return Task.CompletedTask;
    }
}
