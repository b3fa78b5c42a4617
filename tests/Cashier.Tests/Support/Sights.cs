using Microsoft.Playwright;
using PayCore.ChannelSimulator;
using PayCore.Contracts.V1;
using PayCore.EndToEnd.Tests.Support;
using static Microsoft.Playwright.Assertions;

namespace PayCore.Cashier.Tests.Support;

/// <summary>Everything that a buyer may get to see, each reached as buyers reach it.</summary>
public static class Sights
{
    private static readonly Dictionary<string, Func<Till, Viewer, Task<IPage>>> _all = new()
    {
        ["shop"] = (till, viewer) => till.OpenAsync(new Uri(till.World.Web, "/shop"), viewer),
        ["shop-orders"] = (till, viewer) => BoughtAsync(till, viewer),
        ["store"] = (till, viewer) => till.OpenAsync(new Uri(till.World.Web, $"/store/{World.AppId}/{Till.Store}"), viewer),
        ["choose"] = async (till, viewer) => await till.OpenAsync((await till.OrderAsync()).Page, viewer),
        ["scan-wechat"] = async (till, viewer) => await till.OpenAsync((await till.OrderAsync("wechat", "QR")).Page, viewer),
        ["scan-alipay"] = async (till, viewer) => await till.OpenAsync((await till.OrderAsync("alipay", "QR")).Page, viewer),
        ["more-ways"] = MoreWaysAsync,
        ["go"] = async (till, viewer) => await till.OpenAsync((await till.OrderAsync("alipay", "PAGE")).Page, viewer),
        ["late"] = LateAsync,
        ["unclosed"] = UnclosedAsync,
        ["preparing"] = PreparingAsync,
        ["new-code"] = NewCodeAsync,
        ["processing"] = async (till, viewer) => await till.OpenAsync(new Uri($"{(await till.OrderAsync("wechat", "QR")).Page}/return"), viewer),
        ["closing"] = ClosingAsync,
        ["paid"] = PaidAsync,
        ["expired"] = ExpiredAsync,
        ["failed"] = FailedAsync,
    };

    /// <summary>Their names.</summary>
    public static IEnumerable<string> Names => _all.Keys;

    /// <summary>Goes there.</summary>
    public static Task<IPage> SeeAsync(this Till till, string name, Viewer viewer) => _all[name](till, viewer);

    private static async Task<IPage> BoughtAsync(Till till, Viewer viewer)
    {
        var page = await till.OpenAsync(new Uri(till.World.Web, "/shop"), viewer);
        await page.Locator("button[value=tea]").ClickAsync();
        await Expect(page.Locator(".code")).ToBeVisibleAsync();
        till.Pay((await till.ReadCodeAsync(page))!).Should().BeTrue();
        await Expect(page.Locator(".mark-good")).ToBeVisibleAsync();
        await page.GotoAsync(new Uri(till.World.Web, "/shop/orders").AbsoluteUri);
        return page;
    }

    private static async Task<IPage> MoreWaysAsync(Till till, Viewer viewer)
    {
        var order = await till.OrderAsync();
        await till.AskAsync(order, "wechat");
        var page = await till.OpenAsync(order.Page, viewer);
        foreach (var summary in await page.Locator("summary").AllAsync())
        {
            await summary.ClickAsync();
        }

        return page;
    }

    private static async Task<IPage> LateAsync(Till till, Viewer viewer)
    {
        var order = await till.OrderAsync("wechat", "QR");
        till.Clock.Add(TimeSpan.FromMinutes(26));
        return await till.OpenAsync(order.Page, viewer);
    }

    private static async Task<IPage> UnclosedAsync(Till till, Viewer viewer)
    {
        till.World.Faults.Add(new Fault { Operation = "close", Kind = FaultKinds.Error500Before, Count = 1 });
        var order = await till.OrderAsync();
        await till.AskAsync(order, "wechat");
        await till.AskAsync(order, "alipay");
        return await till.OpenAsync(order.Page, viewer);
    }

    private static async Task<IPage> PreparingAsync(Till till, Viewer viewer)
    {
        var order = await till.OrderAsync();
        var seam = till.World.Faults.Add(new Fault { Operation = "place", Kind = FaultKinds.Hold });
        var asking = till.AskAsync(order, "wechat");
        await till.World.Faults.WaitForFiredAsync(seam.Id, CancellationToken.None);
        var page = await till.OpenAsync(order.Page, viewer);
        await Expect(page.Locator(".mark-busy")).ToBeVisibleAsync();
        till.AtTheEnd(async () =>
        {
            till.World.Faults.Release(seam.Id);
            await asking;
        });
        return page;
    }

    private static async Task<IPage> NewCodeAsync(Till till, Viewer viewer)
    {
        var order = await till.OrderAsync();
        await till.AskAsync(order, "wechat");
        var attempt = await till.NewestAttemptAsync(order);
        await till.World.Database.RecordAttemptClosedAsync(new RecordAttemptClosedRequest { AttemptNo = attempt.AttemptNo, Cause = "close" });
        return await till.OpenAsync(order.Page, viewer);
    }

    private static async Task<IPage> ClosingAsync(Till till, Viewer viewer)
    {
        var order = await till.OrderAsync("wechat", "QR");
        till.World.Faults.Add(new Fault { Operation = "close", Kind = FaultKinds.Error500Before, Count = 1 });
        using var answer = await till.World.Merchant.PostAsync($"/v1/pay-orders/{order.Id}:close", null);
        return await till.OpenAsync(order.Page, viewer);
    }

    private static async Task<IPage> PaidAsync(Till till, Viewer viewer)
    {
        var order = await till.OrderAsync("wechat", "QR");
        till.Pay((await till.NewestAttemptAsync(order)).Action.QrCodeText).Should().BeTrue();
        await till.World.UntilAsync(order.Id, o => o.Order.State == PayOrder.Types.State.Paid);
        return await till.OpenAsync(order.Page, viewer);
    }

    private static async Task<IPage> ExpiredAsync(Till till, Viewer viewer)
    {
        var order = await till.OrderAsync("wechat", "QR");
        till.Clock.Add(TimeSpan.FromMinutes(31));
        await till.World.UntilAsync(order.Id, o => o.Order.State == PayOrder.Types.State.Closed);
        return await till.OpenAsync(order.Page, viewer);
    }

    private static async Task<IPage> FailedAsync(Till till, Viewer viewer)
    {
        till.World.Faults.Add(new Fault { Operation = "alipay.precreate", Kind = FaultKinds.BusinessError, SubCode = "ACQ.MERCHANT_STATUS_NOT_NORMAL" });
        return await till.OpenAsync((await till.OrderAsync("alipay", "QR")).Page, viewer);
    }
}
