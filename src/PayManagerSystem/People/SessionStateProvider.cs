using Grpc.Core;
using Google.Protobuf.WellKnownTypes;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Components.Server.Circuits;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Permissions;

namespace PayCore.PayManagerSystem.People;

/// <summary>Keeps an open page to its session: when that is over, or what its operator may has changed, the page is nobody's.</summary>
internal sealed class SessionStateProvider(
    Operators.OperatorsClient operators, CircuitActivity activity, IOptions<ConsoleOptions> options, TimeProvider time, ILoggerFactory logs)
    : RevalidatingServerAuthenticationStateProvider(logs)
{
    /// <inheritdoc/>
    protected override TimeSpan RevalidationInterval => options.Value.SessionCheckEvery;

    /// <inheritdoc/>
    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken)
    {
        var user = authenticationState.User;
        try
        {
            var session = await operators.ReadSessionAsync(
                new ReadSessionRequest
                {
                    TokenHash = user.TokenHash(),
                    Touch = activity.Take(),
                    SeenAfter = Timestamp.FromDateTimeOffset(time.GetUtcNow() - options.Value.IdleTimeout),
                },
                cancellationToken: cancellationToken);
            var may = Principals.PermissionsOf(session);
            return session.Confirmed && System.Enum.GetValues<ConsolePermission>().All(p => user.May(p) == may.Contains(p));
        }
        catch (RpcException e) when (e.StatusCode is StatusCode.Unavailable or StatusCode.DeadlineExceeded)
        {
            // The records are away: nobody is logged out for that, and whatever the page asks for is checked by itself.
            return true;
        }
        catch (RpcException)
        {
            return false;
        }
    }
}

/// <summary>Whether an operator did something on an open page since it was asked last.</summary>
internal sealed class CircuitActivity : CircuitHandler
{
    private int _active;

    /// <summary>Answers, and forgets.</summary>
    public bool Take() => Interlocked.Exchange(ref _active, 0) == 1;

    /// <inheritdoc/>
    public override Func<CircuitInboundActivityContext, Task> CreateInboundActivityHandler(Func<CircuitInboundActivityContext, Task> next) => context =>
    {
        Volatile.Write(ref _active, 1);
        return next(context);
    };
}
