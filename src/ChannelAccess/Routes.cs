using Grpc.Core;
using PayCore.Configuration;
using PayCore.Contracts.V1;
using PayCore.MerchantApi;
using PayCore.ServiceDefaults;

namespace PayCore.ChannelAccess;

/// <summary>A channel account.</summary>
public sealed record Route(string Channel, string Account);

/// <summary>Chooses the channel account for a wallet and a way to pay by the app's routes and their weights.</summary>
public sealed class Routes(RandomSource random)
{
    /// <summary>The routes of transfers are named <c>method.TRANSFER</c>.</summary>
    public const string Transfer = "TRANSFER";

    /// <summary>Chooses for a payment.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED, METHOD_NOT_ALLOWED: the app has no route for it.</exception>
    public Route Choose(MerchantApp app, string method, Scene scene) => Choose(app, method, SceneName(scene));

    /// <summary>Chooses for a transfer.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED, METHOD_NOT_ALLOWED: the app has no route for it.</exception>
    public Route ChooseForTransfer(MerchantApp app, string method) => Choose(app, method, Transfer);

    /// <summary>Every account of the app's routes for transfers by a wallet.</summary>
    /// <exception cref="RpcException">PERMISSION_DENIED, METHOD_NOT_ALLOWED: the app has no route for it.</exception>
    public static IReadOnlyList<Route> AllForTransfer(MerchantApp app, string method) =>
        [.. Find(app, method, Transfer).Select(r => new Route(r.Channel ?? method, r.Account)).Distinct()];

    private Route Choose(MerchantApp app, string method, string way)
    {
        var routes = Find(app, method, way);
        var at = (long)(random.NextDouble() * routes.Sum(r => (long)r.Weight));
        foreach (var route in routes)
        {
            at -= route.Weight;
            if (at < 0)
            {
                return new Route(route.Channel ?? method, route.Account);
            }
        }

        throw new InvalidOperationException($"The weights of {method}.{way} add up to nothing.");
    }

    private static IReadOnlyList<RouteDocument> Find(MerchantApp app, string method, string way)
    {
        ArgumentNullException.ThrowIfNull(app);
        return app.Routes.GetValueOrDefault($"{method}.{way}")
            ?? throw PayErrors.Refuse(StatusCode.PermissionDenied, ErrorReason.MethodNotAllowed, $"This app has no route for {method}.{way}.");
    }

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
