using System.Buffers.Binary;
using Microsoft.Extensions.Options;

namespace PayCore.ServiceDefaults;

/// <summary>Settings of the ids that a region makes.</summary>
public sealed class IdOptions
{
    /// <summary>Two characters of [0-9A-Z] that tell the regions of one installation apart. Default <c>01</c>.</summary>
    public string Region { get; set; } = "01";
}

/// <summary>
/// Makes ids that are unique without coordination and sort by time: a letter for the type, the region, and 128 bits (48 of time in
/// milliseconds, 80 random) in Crockford's base 32. 29 characters of [0-9A-Z], within every provider's limit of 32.
/// </summary>
public sealed class IdFactory(TimeProvider time, RandomSource random, IOptions<IdOptions> options)
{
    private const string Digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    /// <summary>A gateway order id.</summary>
    public string NewOrderId() => New('P');

    /// <summary>An attempt no., the channel's <c>out_trade_no</c>.</summary>
    public string NewAttemptNo() => New('A');

    /// <summary>A refund's id, the channel's number of it.</summary>
    public string NewRefundId() => New('R');

    /// <summary>A transfer's id, the channel's number of it.</summary>
    public string NewTransferId() => New('T');

    /// <summary>A callback's id.</summary>
    public string NewCallbackId() => New('C');

    /// <summary>An event's id, the merchant's <c>webhook-id</c>.</summary>
    public string NewEventId() => New('E');

    /// <summary>A delivery's id.</summary>
    public string NewDeliveryId() => New('D');

    /// <summary>An exception item's id.</summary>
    public string NewExceptionId() => New('X');

    /// <summary>The id of a call to a channel, in the records.</summary>
    public string NewChannelCallId() => New('L');

    /// <summary>A statement's id.</summary>
    public string NewStatementId() => New('S');

    /// <summary>An operator's id.</summary>
    public string NewOperatorId() => New('O');

    /// <summary>The name of an operator's session; opens nothing.</summary>
    public string NewSessionId() => New('N');

    /// <summary>An approval's id.</summary>
    public string NewApprovalId() => New('V');

    /// <summary>A saved view's id.</summary>
    public string NewViewId() => New('W');

    /// <summary>The key of something that a person is asked to confirm: it is done once, however often they press.</summary>
    public string NewConfirmationKey() => New('K');

    /// <summary>The name under which a process holds leases.</summary>
    public string NewHolderId() => New('H');

    private string New(char type)
    {
        Span<byte> bytes = stackalloc byte[16];
        random.Fill(bytes);
        BinaryPrimitives.WriteUInt64BigEndian(
            bytes, ((ulong)time.GetUtcNow().ToUnixTimeMilliseconds() << 16) | BinaryPrimitives.ReadUInt16BigEndian(bytes[6..]));
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);

        Span<char> text = stackalloc char[29];
        text[0] = type;
        options.Value.Region.AsSpan(0, 2).CopyTo(text[1..]);
        for (var i = text.Length - 1; i >= 3; i--)
        {
            text[i] = Digits[(int)(value & 31)];
            value >>= 5;
        }

        return new string(text);
    }
}
