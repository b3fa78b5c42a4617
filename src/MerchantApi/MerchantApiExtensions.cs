using System.Text;
using Grpc.AspNetCore.Server;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Grpc.JsonTranscoding;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;
using PayCore.MerchantApi;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>How a host offers the merchant API.</summary>
public static class MerchantApiExtensions
{
    /// <summary>
    /// Registers the signature verifier, gRPC with JSON transcoding, and the interceptor that shapes errors. The host registers
    /// <see cref="IMerchantKeys"/>; a <see cref="TimeProvider"/> of its own counts.
    /// </summary>
    /// <param name="services">The host's services.</param>
    /// <param name="configure">Changes the settings.</param>
    /// <returns>The gRPC builder, for options of the host's own.</returns>
    public static IGrpcServerBuilder AddMerchantApi(this IServiceCollection services, Action<MerchantApiOptions>? configure = null)
    {
        var options = services.AddOptions<MerchantApiOptions>();
        options.Validate(
            o => o.BodyBytesMax is > 0 and <= 16 * 1024 * 1024 && o.NoncesMax > 0 && o.RestPrefix.StartsWith('/'),
            "The merchant API's settings are out of range.");
        options.ValidateOnStart();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(provider => new NonceMemory(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<IOptions<MerchantApiOptions>>().Value.NoncesMax));
        services.TryAddSingleton<SignatureVerifier>();
        services.TryAddSingleton<MerchantErrorInterceptor>();

        // First in the list is outermost, so that it sees what any other interceptor throws. A second call adds nothing.
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConfigureOptions<GrpcServiceOptions>, OutermostInterceptor>());
        services.Configure<GrpcJsonTranscodingOptions>(o => o.TypeRegistry = MerchantErrors.DetailTypes);
        if (configure is not null)
        {
            options.Configure(configure);
        }

        return services.AddGrpc().AddJsonTranscoding();
    }

    /// <summary>
    /// Adds the three middlewares in their order: error shape, signature, strict JSON. Call it behind <c>UseRouting</c> and before anything
    /// that reads a body.
    /// </summary>
    /// <param name="app">The host's pipeline.</param>
    /// <returns>The same pipeline.</returns>
    public static IApplicationBuilder UseMerchantApi(this IApplicationBuilder app) =>
        app.UseMiddleware<RestErrorMiddleware>().UseMiddleware<MerchantSignatureMiddleware>().UseMiddleware<StrictJsonMiddleware>();

    /// <summary>Marks endpoints as served to signed requests only.</summary>
    /// <typeparam name="TBuilder">The kind of endpoint builder.</typeparam>
    /// <param name="builder">What <c>MapGrpcService</c> or <c>MapGet</c> returned.</param>
    /// <returns>The same builder.</returns>
    public static TBuilder RequireMerchantSignature<TBuilder>(this TBuilder builder)
        where TBuilder : IEndpointConventionBuilder => builder.WithMetadata(new MerchantSignedAttribute());

    /// <summary>Serves an OpenAPI document at <c>/openapi.json</c>.</summary>
    /// <param name="endpoints">The host's endpoints.</param>
    /// <param name="document">The document; it is written once.</param>
    /// <returns>For the host's conventions.</returns>
    public static IEndpointConventionBuilder MapOpenApi(this IEndpointRouteBuilder endpoints, OpenApiDocument document)
    {
        var json = new Lazy<Task<string>>(() => document.SerializeAsJsonAsync(OpenApiSpecVersion.OpenApi3_1));
        return endpoints.MapGet("/openapi.json", async () => Results.Text(await json.Value, "application/json", Encoding.UTF8));
    }

    /// <summary>Answers a request with an error in its own shape, gRPC or JSON, before anything else has.</summary>
    /// <param name="context">The request.</param>
    /// <param name="status">What <see cref="MerchantErrors.ToStatus"/> made.</param>
    public static Task WriteErrorAsync(this HttpContext context, Google.Rpc.Status status)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(status);
        return ErrorAnswer.WriteAsync(context, status);
    }

    /// <summary>Who made the request.</summary>
    /// <param name="context">A request that passed <see cref="MerchantSignatureMiddleware"/>.</param>
    /// <returns>The caller.</returns>
    /// <exception cref="InvalidOperationException">
    /// No signature was verified: the endpoint lacks the mark or the middleware is missing.
    /// </exception>
    public static VerifiedCaller GetVerifiedCaller(this HttpContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        return context.Features.Get<VerifiedCaller>()
            ?? throw new InvalidOperationException("No merchant signature was verified for this request.");
    }

    private sealed class OutermostInterceptor : IConfigureOptions<GrpcServiceOptions>
    {
        public void Configure(GrpcServiceOptions options)
        {
            // A registration can only be made by a collection.
            var one = new InterceptorCollection();
            one.Add<MerchantErrorInterceptor>();
            options.Interceptors.Insert(0, one[0]);
        }
    }
}
