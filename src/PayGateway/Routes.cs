using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.PayGateway;

/// <summary>The channel account that takes an attempt.</summary>
internal sealed record Route(string Channel, string Account);

/// <summary>Chooses the channel account for a wallet and scene by the app's routes and their weights.</summary>
internal sealed class Routes(RandomSource random)
{
    /// <summary>Chooses.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED, METHOD_NOT_ALLOWED: the app has no route for it.</exception>
    public Route Choose(MerchantApp app, string method, Scene scene)
    {
        var key = Key(method, scene);
        if (!app.Routes.TryGetValue(key, out var routes))
        {
            throw PayErrors.Refuse(StatusCode.PermissionDenied, ErrorReason.MethodNotAllowed, $"This app has no route for {key}.");
        }

        var at = (long)(random.NextDouble() * routes.Sum(r => (long)r.Weight));
        foreach (var route in routes)
        {
            at -= route.Weight;
            if (at < 0)
            {
                return new Route(route.Channel ?? method, route.Account);
            }
        }

        throw new InvalidOperationException($"The weights of {key} add up to nothing.");
    }

    private static string Key(string method, Scene scene) => $"{method}.{SceneName(scene)}";

    private static string SceneName(Scene scene) => scene switch
    {
        Scene.Qr => "QR",
        Scene.Page => "PAGE",
        Scene.H5 => "H5",
        Scene.Jsapi => "JSAPI",
        Scene.MiniProgram => "MINI_PROGRAM",
        Scene.App => "APP",
        Scene.Barcode => "BARCODE",
        _ => throw new ArgumentOutOfRangeException(nameof(scene), scene, "No channel is asked for it."),
    };
}
