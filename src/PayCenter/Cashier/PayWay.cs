using PayCore.Contracts.V1;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Cashier;

/// <summary>A way to pay that a page can offer.</summary>
/// <param name="Method">The wallet.</param>
/// <param name="Scene">How the user pays with it.</param>
internal sealed record PayWay(string Method, Scene Scene)
{
    /// <summary>
    /// The ways that a page can offer, the one that suits the device best first. What suits badly is still offered: the guess of the device may be wrong.
    /// What needs another program than a browser is left out.
    /// </summary>
    /// <param name="routes">Wallets and scenes by the app's routes.</param>
    /// <param name="device">What the page is looked at with.</param>
    public static IReadOnlyList<PayWay> Offered(IEnumerable<CashierWay> routes, Device device) =>
    [
        .. routes.SelectMany(wallet => wallet.Scenes.Select(scene => new PayWay(wallet.Method, scene)))
            .Where(way => way.IsForBrowsers(device))
            // Stable: within the same rank the order of the routes stays.
            .OrderBy(way => way.Method == Wallets.InsideOf(device) ? 0 : 1)
            .ThenBy(way => way.Rank(device)),
    ];

    /// <summary>The device can be expected to pay this way by itself.</summary>
    public bool Suits(Device device) => Scene switch
    {
        Scene.Jsapi => Method == Wallets.InsideOf(device),
        Scene.H5 => device != Device.Desktop && Method != Wallets.InsideOf(device),
        Scene.Page or Scene.Qr => true,
        _ => false,
    };

    private bool IsForBrowsers(Device device) => Scene is Scene.Qr or Scene.Page or Scene.H5 || (Scene == Scene.Jsapi && Suits(device));

    private int Rank(Device device) => Scene switch
    {
        _ when !Suits(device) => 9,
        Scene.Qr when device == Device.Desktop => 1,
        Scene.Jsapi or Scene.H5 => 2,
        Scene.Page => 3,
        _ => 4,
    };
}
