using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using PayCore.MerchantApi;

namespace PayCore.Configuration;

/// <summary>Where configuration comes from.</summary>
public sealed class ConfigOptions
{
    /// <summary>The folder that stands for the root of the tree. Default: <c>data/config</c>.</summary>
    public string Folder { get; set; } = Path.Combine("data", "config");

    /// <summary>The base below it; the design's example is <c>/foo/bar/pay/config</c>. Default: <c>/paycore/config</c>.</summary>
    public string Base { get; set; } = "/paycore/config";

    /// <summary>The folder of the base.</summary>
    public string BaseFolder => Path.Combine(Folder, Base.Trim('/'));
}

/// <summary>Registers configuration.</summary>
public static class ConfigurationExtensions
{
    /// <summary>Adds the store that follows the documents. Safe to call twice.</summary>
    public static IServiceCollection AddPayConfiguration(this IServiceCollection services)
    {
        services.TryAddSingleton<IConfigBackend>(provider => new FolderConfigBackend(
            provider.GetRequiredService<IOptions<ConfigOptions>>().Value.BaseFolder, provider.GetRequiredService<TimeProvider>()));
        if (services.All(s => s.ServiceType != typeof(ConfigStore)))
        {
            services.AddSingleton<ConfigStore>();
            services.AddHostedService(provider => provider.GetRequiredService<ConfigStore>());
        }

        return services;
    }

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
