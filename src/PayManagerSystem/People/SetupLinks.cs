using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Microsoft.Extensions.Options;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;

namespace PayCore.PayManagerSystem.People;

/// <summary>Links that make an operator: used once, dead after a day. Only their hashes are kept.</summary>
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

    /// <summary>When a link that is made now is dead.</summary>
    internal DateTimeOffset End => time.GetUtcNow() + _life;

    /// <summary>A token and its address.</summary>
    internal (string Token, string Link) NewLink()
    {
        var token = random.NextToken();
        return (token, $"{options.Value.BaseUrl}/setup/{token}");
    }
}
