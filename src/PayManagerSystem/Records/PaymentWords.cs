using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Components.Shared;
using PayCore.PayManagerSystem.Web;
using PayCore.Payments;
using DeliveryState = PayCore.Contracts.V1.Delivery.Types.State;
using OrderState = PayCore.Contracts.V1.PayOrder.Types.State;

namespace PayCore.PayManagerSystem.Records;

/// <summary>How a payment stands, in sentences.</summary>
internal static class PaymentWords
{
    private const string PaidEvent = "payment.paid";

    /// <summary>Says it.</summary>
    public static string Say(TimelineRows rows, Preferences preferences, DateTimeOffset now) => string.Join(
        preferences.Language == Language.Chinese ? "" : " ", Sentences(rows, preferences, now));

    private static IEnumerable<string> Sentences(TimelineRows rows, Preferences preferences, DateTimeOffset now)
    {
        var order = rows.Order.Order;
        yield return order.State switch
        {
            OrderState.Paid => preferences.Say(DetailTexts.SayPaid, preferences.Since(order.PaidTime.ToDateTimeOffset(), now), order.Method),
            OrderState.Failed => preferences.Say(DetailTexts.SayFailed, order.FailureCode, order.FailureMessage).TrimEnd(),
            OrderState.Closed => preferences[DetailTexts.SayClosed],
            _ when order.CloseRequested => preferences[DetailTexts.SayClosing],
            _ when order.ExpireTime.ToDateTimeOffset() <= now => preferences[DetailTexts.SayPastExpiry],
            OrderState.Created => preferences.Say(DetailTexts.SayCreated, preferences.Since(order.ExpireTime.ToDateTimeOffset(), now)),
            _ => preferences.Say(DetailTexts.SayPaying, preferences.Since(order.ExpireTime.ToDateTimeOffset(), now)),
        };
        if (order.Late)
        {
            yield return preferences[DetailTexts.SayLate];
        }

        if (order.RefundedAmountMinor > 0)
        {
            yield return preferences.Say(DetailTexts.SayRefunded, Amounts.Format(order.RefundedAmountMinor, order.Currency));
        }

        if (rows.Order.Attempts.Sum(a => a.Attempt.RefundReservedAmountMinor) is > 0 and var reserved)
        {
            yield return preferences.Say(DetailTexts.SayRefunding, Amounts.Format(reserved, order.Currency));
        }

        if (order.State == OrderState.Paid && rows.Deliveries.FirstOrDefault(d => d.EventType == PaidEvent) is { } told)
        {
            yield return preferences[told.State switch
            {
                DeliveryState.Delivered => DetailTexts.SayTold,
                DeliveryState.Dead => DetailTexts.SayNotTold,
                _ => DetailTexts.SayTelling,
            }];
        }
    }

    /// <summary>What of an attempt can still be given back.</summary>
    public static long Left(Attempt attempt) => attempt.PaidAmountMinor - attempt.RefundedAmountMinor - attempt.RefundReservedAmountMinor;
}
