using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace PayCore.OutboundAddresses;

/// <summary>Settings of connections to addresses that somebody else named (section <c>Outbound</c>).</summary>
public sealed class OutboundOptions
{
    /// <summary>
    /// For development: addresses that may be reached although they are not public, and by plain http. Each entry is <c>host:port</c>, an IP
    /// address, or a network in CIDR notation. Default: none. An entry that is none of these stops the process at start.
    /// </summary>
    public IList<string> AllowPrivateAddresses { get; } = [];
}

/// <summary>Registers the guard.</summary>
public static class OutboundAddressesExtensions
{
    /// <summary>Adds <see cref="AddressGuard"/>. Safe to call twice.</summary>
    public static IServiceCollection AddOutboundAddresses(this IServiceCollection services)
    {
        services.AddOptions<OutboundOptions>().BindConfiguration("Outbound").ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OutboundOptions>, EntriesAreAddresses>());
        services.TryAddSingleton<IHostResolver, SystemHostResolver>();
        services.TryAddSingleton<AddressGuard>();
        return services;
    }

    private sealed class EntriesAreAddresses : IValidateOptions<OutboundOptions>
    {
        public ValidateOptionsResult Validate(string? name, OutboundOptions options)
        {
            try
            {
                AddressAllowance.Parse(options.AllowPrivateAddresses);
                return ValidateOptionsResult.Success;
            }
            catch (FormatException e)
            {
                return ValidateOptionsResult.Fail($"Outbound:AllowPrivateAddresses: {e.Message}");
            }
        }
    }

    private sealed class SystemHostResolver : IHostResolver
    {
        public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellation) =>
            await Dns.GetHostAddressesAsync(host, cancellation);
    }
}
