using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using PayCore.Configuration.Etcd;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;
using PayCore.ServiceDefaults.Health;

namespace PayCore.Configuration;

/// <summary>Where configuration comes from: the settings below <c>Config</c>.</summary>
public sealed class ConfigOptions
{
    /// <summary><c>folder</c> (default) or <c>etcd</c>.</summary>
    public string Backend { get; set; } = "folder";

    /// <summary>The folder that stands for the root of the tree. Default: <c>data/config</c>.</summary>
    public string Folder { get; set; } = Path.Combine("data", "config");

    /// <summary>The base below it; the design's example is <c>/foo/bar/pay/config</c>. Default: <c>/paycore/config</c>.</summary>
    public string Base { get; set; } = "/paycore/config";

    /// <summary>Where etcd is.</summary>
    public EtcdOptions Etcd { get; } = new();

    /// <summary>Where what was in use last is kept for a start while etcd is away. Default: <c>data/config-last-good</c>.</summary>
    public string LastGoodFolder { get; set; } = Path.Combine("data", "config-last-good");

    /// <summary>A file with the keys under which secrets are sealed, see <see cref="MasterKeys"/>. Default: none.</summary>
    public string? MasterKeyFile { get; set; }

    /// <summary>The same keys as text, from the environment variable <c>PAYCORE_MASTER_KEY</c>; with commas between instead of lines.</summary>
    public string? MasterKey { get; set; }

    /// <summary>The folder of the base.</summary>
    public string BaseFolder => Path.Combine(Folder, Base.Trim('/'));

    /// <summary>No member: one is a secret.</summary>
    public override string ToString() => nameof(ConfigOptions);
}

/// <summary>Registers configuration.</summary>
public static class ConfigurationExtensions
{
    /// <summary>Adds the store that follows the documents. Safe to call twice.</summary>
    public static IServiceCollection AddPayConfiguration(this IServiceCollection services)
    {
        services.TryAddSingleton(provider => OpenBackend(Options(provider), provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(provider => MasterKeys.From(Options(provider)));
        services.TryAddSingleton<DocumentSeals>();
        if (services.All(s => s.ServiceType != typeof(ConfigStore)))
        {
            services.AddSingleton(provider => new ConfigStore(
                provider.GetRequiredService<IConfigBackend>(),
                provider.GetServices<IConfigFolder>(),
                provider.GetRequiredService<DocumentSeals>(),
                provider.GetRequiredService<TimeProvider>(),
                provider.GetRequiredService<ILogger<ConfigStore>>(),
                Options(provider) is { Backend: "etcd" } options ? new LastGoodCopy(options.LastGoodFolder, options.Base, provider.GetRequiredService<RandomSource>()) : null));
            services.AddHostedService(provider => provider.GetRequiredService<ConfigStore>());
            services.AddReadiness<ConfigHealth>("configuration");
            services.AddMetrics();
            services.AddHostedService<ConfigMetrics>();
        }

        return services;
    }

    /// <summary>The backend that the settings name. It connects to nobody yet.</summary>
    /// <exception cref="InvalidOperationException">A setting is wrong; says which.</exception>
    public static IConfigBackend OpenBackend(ConfigOptions options, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(options);
        return options.Backend switch
        {
            "folder" => new FolderConfigBackend(options.BaseFolder, time),
            "etcd" => new EtcdConfigBackend(options.Etcd, options.Base, time),
            _ => throw new InvalidOperationException($"Config:Backend: is folder or etcd, not {options.Backend}."),
        };
    }

    private static ConfigOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<ConfigOptions>>().Value;

    /// <summary>Adds a folder of documents, to be had as <see cref="IConfigDocuments{T}"/>. Safe to call twice.</summary>
    public static IServiceCollection AddConfigFolder<T>(this IServiceCollection services, string name, Func<string, ReadOnlyMemory<byte>, T> parse)
        where T : class
    {
        if (services.All(s => s.ServiceType != typeof(IConfigDocuments<T>)))
        {
            var folder = new ConfigFolder<T>(name, parse);
            services.AddSingleton<IConfigDocuments<T>>(folder);
            services.AddSingleton<IConfigFolder>(folder);
        }

        return services.AddPayConfiguration();
    }

    /// <summary>Adds the merchants' apps, to be had as <see cref="IConfigDocuments{T}"/> of <see cref="MerchantApp"/>.</summary>
    public static IServiceCollection AddMerchantApps(this IServiceCollection services)
    {
        services.AddConfigFolder("apps", MerchantApp.Parse);
        services.TryAddSingleton<MerchantApps>();
        services.TryAddSingleton<IMerchantKeys>(provider => provider.GetRequiredService<MerchantApps>());
        return services;
    }
}
