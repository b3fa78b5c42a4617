using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PayCore.PayCenter.Shop;

/// <summary>
/// The shop's orders in one file of JSON lines, only ever appended to and flushed to the disk before anything is answered. One process at a
/// time. Enough for a demonstration store; a real one has a database.
/// </summary>
internal sealed class ShopOrderFile : IShopOrders, IDisposable
{
    private static readonly JsonSerializerOptions _json = new() { Converters = { new JsonStringEnumConverter() } };

    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly FileStream _file;
    private Memory _memory = Memory.Empty;

    /// <summary>
    /// Opens the file of a folder and reads what it holds. A last line that a crash cut short was never acknowledged and is dropped.
    /// </summary>
    public ShopOrderFile(string folder)
    {
        Directory.CreateDirectory(folder);
        _file = new FileStream(Path.Combine(folder, "orders.jsonl"), new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.ReadWrite,
            Share = FileShare.Read,
            BufferSize = 0,
            Options = FileOptions.Asynchronous,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        });
        var content = new byte[_file.Length];
        _file.ReadExactly(content);
        var end = content.AsSpan().LastIndexOf((byte)'\n') + 1;
        var start = 0;
        while (start < end)
        {
            var length = content.AsSpan(start, end - start).IndexOf((byte)'\n');
            var line = JsonSerializer.Deserialize<Line>(content.AsSpan(start, length), _json) ?? throw new JsonException("An empty line.");
            _memory = _memory.With(line);
            start += length + 1;
        }

        _file.SetLength(end);
        _file.Position = end;
    }

    /// <inheritdoc/>
    public ShopOrder? Find(string outTradeNo) => Volatile.Read(ref _memory).Orders.GetValueOrDefault(outTradeNo);

    /// <inheritdoc/>
    public IReadOnlyList<ShopOrder> Newest(int count)
    {
        var memory = Volatile.Read(ref _memory);
        return [.. Enumerable.Range(1, Math.Min(count, memory.Numbers.Count)).Select(back => memory.Orders[memory.Numbers[^back]])];
    }

    /// <inheritdoc/>
    public Task<ShopOrder> AddAsync(ShopOrder order) => InTurnAsync(async () =>
    {
        if (Find(order.OutTradeNo) is { } first)
        {
            return first;
        }

        await AppendAsync(new Line { Order = order });
        return order;
    });

    /// <inheritdoc/>
    public Task OpenAsync(string outTradeNo, string cashierUrl) => InTurnAsync(async () =>
    {
        if (Find(outTradeNo) is { } order && order.CashierUrl != cashierUrl)
        {
            await AppendAsync(new Line { Opened = new OpenedLine(outTradeNo, cashierUrl) });
        }

        return true;
    });

    /// <inheritdoc/>
    public Task<EventResult> TellAsync(ShopEvent told) => InTurnAsync(async () =>
    {
        if (_memory.WebhookIds.Contains(told.WebhookId))
        {
            return EventResult.Duplicate;
        }

        var before = Find(told.OutTradeNo);
        await AppendAsync(new Line { Told = told });
        return ReferenceEquals(before, Find(told.OutTradeNo)) ? EventResult.Ignored : EventResult.Applied;
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _file.Dispose();
        _turn.Dispose();
    }

    private async Task<T> InTurnAsync<T>(Func<Task<T>> change)
    {
        await _turn.WaitAsync();
        try
        {
            return await change();
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task AppendAsync(Line line)
    {
        var start = _file.Position;
        try
        {
            byte[] bytes = [.. JsonSerializer.SerializeToUtf8Bytes(line, _json), (byte)'\n'];
            await _file.WriteAsync(bytes);
            _file.Flush(flushToDisk: true);
        }
        catch (IOException)
        {
            // A half line must not swallow the next one.
            _file.SetLength(start);
            _file.Position = start;
            throw;
        }

        Volatile.Write(ref _memory, _memory.With(line));
    }

    /// <summary>One line of the file: exactly one of these.</summary>
    private sealed record Line
    {
        public ShopOrder? Order { get; init; }

        public OpenedLine? Opened { get; init; }

        public ShopEvent? Told { get; init; }
    }

    private sealed record OpenedLine(string OutTradeNo, string CashierUrl);

    /// <summary>What the lines so far add up to. Immutable, so that readers need no turn.</summary>
    private sealed record Memory(
        ImmutableDictionary<string, ShopOrder> Orders, ImmutableList<string> Numbers, ImmutableHashSet<string> WebhookIds)
    {
        public static Memory Empty { get; } = new(
            ImmutableDictionary.Create<string, ShopOrder>(StringComparer.Ordinal), [], ImmutableHashSet.Create<string>(StringComparer.Ordinal));

        public Memory With(Line line) => line switch
        {
            { Order: { } order } when !Orders.ContainsKey(order.OutTradeNo) =>
                this with { Orders = Orders.Add(order.OutTradeNo, order), Numbers = Numbers.Add(order.OutTradeNo) },
            { Opened: { } opened } when Orders.GetValueOrDefault(opened.OutTradeNo) is { } order => this with
            {
                Orders = Orders.SetItem(order.OutTradeNo, order with
                {
                    CashierUrl = opened.CashierUrl,
                    State = order.State == ShopOrderState.NotStarted ? ShopOrderState.Waiting : order.State,
                }),
            },
            { Told: { } told } => (this with { WebhookIds = WebhookIds.Add(told.WebhookId) }).Moved(told),
            _ => this,
        };

        // Only for the amount that was asked: being paid something else is not being paid.
        private Memory Moved(ShopEvent told) =>
            Orders.GetValueOrDefault(told.OutTradeNo) is { } order && told.Version > order.Version
            && told.AmountMinor == order.AmountMinor && told.Currency == order.Currency
                ? this with
                {
                    Orders = Orders.SetItem(order.OutTradeNo, order with
                    {
                        State = told.State,
                        Version = told.Version,
                        ToldTime = told.Time,
                        GatewayOrderId = told.GatewayOrderId,
                    }),
                }
                : this;
    }
}
