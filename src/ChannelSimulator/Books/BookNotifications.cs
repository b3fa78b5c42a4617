namespace PayCore.ChannelSimulator;

/// <summary>The callbacks of one book, and how its provider sends them.</summary>
internal abstract class BookNotifications<TEntry> : INotificationSource
    where TEntry : LedgerEntry
{
    private readonly LedgerBook<TEntry> _book;

    protected BookNotifications(LedgerBook<TEntry> book)
    {
        _book = book;
        book.Told += entry =>
        {
            if (entry.Callback is not null)
            {
                Due?.Invoke(Of(entry));
            }
        };
    }

    public event Action<Notification>? Due;

    public IEnumerable<Notification> Undelivered => _book.All.Where(e => e.Callback?.NextAt is not null).Select(Of);

    protected abstract string Provider { get; }

    protected abstract string Operation { get; }

    protected abstract IReadOnlyList<TimeSpan> Pauses { get; }

    public Notification Of(TEntry entry) => entry.Callback is not null
        ? new BookNotification(this, entry)
        : throw new InvalidOperationException("There is nothing to tell yet, or no address.");

    protected abstract string Merchant(TEntry entry);

    protected abstract string Number(TEntry entry);

    protected abstract HttpRequestMessage Make(TEntry entry, string? fault);

    protected abstract bool IsDelivered(int status, byte[] body);

    private sealed class BookNotification(BookNotifications<TEntry> kind, TEntry entry) : Notification
    {
        public override string Provider => kind.Provider;

        public override string Operation => kind.Operation;

        public override string Merchant => kind.Merchant(entry);

        public override string OutTradeNo => kind.Number(entry);

        public override CallbackState State => entry.Callback!;

        public override IReadOnlyList<TimeSpan> Pauses => kind.Pauses;

        public override HttpRequestMessage Make(string? fault) => kind.Make(entry, fault);

        public override bool IsDelivered(int status, byte[] body) => kind.IsDelivered(status, body);

        public override Notification Sent(CallbackState state) => new BookNotification(kind, kind._book.CallbackSent(entry, state));
    }
}
