using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;

namespace PayCore.PayManagerSystem.People;

/// <summary>A link that was made for an operator; it is shown once.</summary>
/// <param name="Operator">Whose it is.</param>
/// <param name="Link">The one-time link.</param>
public sealed record OneTimeLink(Operator Operator, string Link);

/// <summary>Links under which an operator chooses a password: used once, dead after a day. Only their hashes are kept.</summary>
public sealed class SetupLinks(Operators.OperatorsClient operators, IOptions<ConsoleOptions> options, RandomSource random, TimeProvider time)
{
    private static readonly TimeSpan _life = TimeSpan.FromHours(24);

    /// <summary>The link of the first start; an earlier one is dead from now on. Null once there is an operator.</summary>
    public async Task<string?> CreateAsync(CancellationToken cancellation = default)
    {
        var (token, link) = NewLink();
        try
        {
            await operators.CreateSetupLinkAsync(
                new CreateSetupLinkRequest { TokenHash = SessionCookie.HashOf(token), ExpireTime = Timestamp.FromDateTimeOffset(End) }, cancellationToken: cancellation);
            return link;
        }
        catch (RpcException e) when (e.StatusCode == StatusCode.FailedPrecondition)
        {
            return null;
        }
    }

    /// <summary>Takes an operator's password away, in return for a link to choose a new one.</summary>
    /// <exception cref="RpcException">FAILED_PRECONDITION: the operator was not set up yet, or is disabled.</exception>
    public async Task<OneTimeLink> ResetPasswordAsync(string operatorId, string by, CancellationToken cancellation = default)
    {
        var (token, link) = NewLink();
        var request = new ResetPasswordRequest { OperatorId = operatorId, TokenHash = SessionCookie.HashOf(token), ExpireTime = Timestamp.FromDateTimeOffset(End), By = by };
        return new OneTimeLink(await operators.ResetPasswordAsync(request, cancellationToken: cancellation), link);
    }

    /// <summary>When a link that is made now is dead.</summary>
    internal DateTimeOffset End => time.GetUtcNow() + _life;

    /// <summary>A token and its address.</summary>
    internal (string Token, string Link) NewLink()
    {
        var token = random.NextToken();
        return (token, $"{options.Value.BaseUrl}/setup/{token}");
    }
}
