using Google.Protobuf.WellKnownTypes;
using PayCore.Contracts.V1;
using PayCore.PayCenter.Cashier;
using PayCore.PayCenter.Web;

namespace PayCore.PayCenter.Tests;

public sealed class CashierViewTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 22, 8, 0, 0, TimeSpan.Zero);

    private static readonly PayWay _wechat = new("wechat", Scene.Qr);

    [Theory]
    [InlineData(PayOrder.Types.State.Paid, Attempt.Types.State.Won, "Paid")]
    [InlineData(PayOrder.Types.State.Paid, Attempt.Types.State.ExtraPaid, "Paid")]
    [InlineData(PayOrder.Types.State.Paid, Attempt.Types.State.Open, "Paid")]
    [InlineData(PayOrder.Types.State.Closed, Attempt.Types.State.Closed, "Closed")]
    [InlineData(PayOrder.Types.State.Failed, Attempt.Types.State.Refused, "Failed")]
    [InlineData(PayOrder.Types.State.Paying, Attempt.Types.State.Sent, "Preparing")]
    [InlineData(PayOrder.Types.State.Paying, Attempt.Types.State.Open, "Scan")]
    [InlineData(PayOrder.Types.State.Paying, Attempt.Types.State.Closed, "NewCode")]
    [InlineData(PayOrder.Types.State.Paying, Attempt.Types.State.Refused, "Choose")]
    public void Of_States_DecideTheScreen(PayOrder.Types.State order, Attempt.Types.State attempt, string screen) =>
        View(o =>
        {
            o.Order.State = order;
            o.Attempt.State = attempt;
        }).Screen.ToString().Should().Be(screen);

    [Fact]
    public void Of_NoAttempt_LetsTheUserChoose() => View(o => o.Attempt = null).Screen.Should().Be(CashierScreen.Choose);

    [Fact]
    public void Of_CodeOver_OrderOpen_OffersANewCodeForTheRestOfTheOrder()
    {
        var view = View(o => o.Attempt.ExpireTime = Timestamp.FromDateTimeOffset(_now));
        view.Screen.Should().Be(CashierScreen.NewCode);
        view.SecondsLeft.Should().Be(1800);
    }

    [Fact]
    public void Of_OrderOver_IsClosingEvenWithAnOpenCode()
    {
        var view = View(o => o.Order.ExpireTime = Timestamp.FromDateTimeOffset(_now));
        view.Screen.Should().Be(CashierScreen.Closing);
        view.SecondsLeft.Should().Be(0);
        view.IsLive.Should().BeTrue("the last word is not spoken");
    }

    [Fact]
    public void Of_CloseRequested_IsClosing() => View(o => o.Order.CloseRequested = true).Screen.Should().Be(CashierScreen.Closing);

    [Fact]
    public void Of_OpenCode_CountsToTheEarlierEndAndRoundsUp()
    {
        View(o => o.Attempt.ExpireTime = Timestamp.FromDateTimeOffset(_now.AddMilliseconds(1500))).SecondsLeft.Should().Be(2);
        View(o => o.Order.ExpireTime = Timestamp.FromDateTimeOffset(_now.AddSeconds(7))).SecondsLeft.Should().Be(7);
    }

    [Theory]
    [InlineData(151, false)]
    [InlineData(150, false)]
    [InlineData(149, true)]
    public void IsLate_LastQuarterOfTheCodesTime_Only(int seconds, bool isLate) =>
        View(o =>
        {
            o.Attempt.CreateTime = Timestamp.FromDateTimeOffset(_now.AddSeconds(seconds - 600));
            o.Attempt.ExpireTime = Timestamp.FromDateTimeOffset(_now.AddSeconds(seconds));
        }).IsLate.Should().Be(isLate);

    [Theory]
    [InlineData(Scene.H5, "Phone", "Go")]
    [InlineData(Scene.H5, "Desktop", "Elsewhere")]
    [InlineData(Scene.H5, "InWechat", "Elsewhere")]
    [InlineData(Scene.Page, "Desktop", "Go")]
    [InlineData(Scene.Page, "Phone", "Go")]
    public void Of_Redirect_IsForTheDeviceThatItSuits(Scene scene, string device, string screen) =>
        View(
            o =>
            {
                o.Attempt.Scene = scene;
                o.Attempt.Action = new Contracts.V1.Action { RedirectUrl = "https://pay.example" };
            },
            System.Enum.Parse<Device>(device)).Screen.ToString().Should().Be(screen);

    [Fact]
    public void Key_EarlierAttemptClosedAfterAll_IsAnotherPage() =>
        View(o => o.UnclosedMethods.Add("alipay")).Key.Should().NotBe(View(_ => { }).Key);

    [Fact]
    public void Of_SentForLong_IsSlowAndAnotherPage()
    {
        var fresh = View(o => o.Attempt.State = Attempt.Types.State.Sent);
        var slow = View(o =>
        {
            o.Attempt.State = Attempt.Types.State.Sent;
            o.Attempt.CreateTime = Timestamp.FromDateTimeOffset(_now.AddSeconds(-15));
        });
        (fresh.IsSlow, slow.IsSlow).Should().Be((false, true));
        fresh.Key.Should().NotBe(slow.Key);
    }

    [Theory]
    [InlineData("https://shop.example/a?b=1", true)]
    [InlineData("http://127.0.0.1:8080/shop", true)]
    [InlineData("javascript:alert(1)", false)]
    [InlineData("data:text/html,x", false)]
    [InlineData("/relative", false)]
    [InlineData("file:///etc/passwd", false)]
    [InlineData("", false)]
    public void ReturnUrl_OnlyWebAddresses_AreFollowed(string url, bool isFollowed) =>
        View(o => o.ReturnUrl = url).ReturnUrl.Should().Be(isFollowed ? url : null);

    [Fact]
    public void Wish_SamePage_HasTheSameNumberAndAnotherWalletAnotherOne()
    {
        var view = View(o => o.Attempt.State = Attempt.Types.State.Closed);
        var first = AttemptWish.Replacing(view, _wechat);
        first.Should().Be(AttemptWish.Replacing(View(o => o.Attempt.State = Attempt.Types.State.Closed), _wechat));
        first.IsValid.Should().BeTrue();
        AttemptWish.Replacing(view, new PayWay("alipay", Scene.Qr)).OutAttemptNo.Should().NotBe(first.OutAttemptNo);
        var next = View(o =>
        {
            o.Attempt.State = Attempt.Types.State.Closed;
            o.Attempt.AttemptNo = "A2";
        });
        AttemptWish.Replacing(next, _wechat).OutAttemptNo.Should().NotBe(first.OutAttemptNo);
    }

    [Fact]
    public void Wish_AttemptUnanswered_RepeatsItsOwnNumber() => AttemptWish.Replacing(
        View(o =>
        {
            o.Attempt.State = Attempt.Types.State.Sent;
            o.Attempt.OutAttemptNo = "the-same";
        }), _wechat).OutAttemptNo.Should().Be("the-same");

    [Theory]
    [InlineData(0, "0:00")]
    [InlineData(59, "0:59")]
    [InlineData(600, "10:00")]
    [InlineData(3661, "1:01:01")]
    [InlineData(604800, "168:00:00")]
    public void Clock_Seconds_AreWrittenForPeople(int seconds, string text) => CashierView.Clock(seconds).Should().Be(text);

    private static CashierView View(Action<CashierOrder> change, Device device = Device.Desktop)
    {
        var order = new CashierOrder
        {
            Order = new PayOrder
            {
                State = PayOrder.Types.State.Paying,
                Scene = Scene.Qr,
                ExpireTime = Timestamp.FromDateTimeOffset(_now.AddMinutes(30)),
            },
            Attempt = new Attempt
            {
                AttemptNo = "A1",
                State = Attempt.Types.State.Open,
                Method = "wechat",
                Scene = Scene.Qr,
                Action = new Contracts.V1.Action { QrCodeText = "weixin://x" },
                CreateTime = Timestamp.FromDateTimeOffset(_now),
                ExpireTime = Timestamp.FromDateTimeOffset(_now.AddMinutes(10)),
            },
        };
        change(order);
        return CashierView.Of(order, _now, device);
    }
}
