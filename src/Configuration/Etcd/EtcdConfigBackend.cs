using System.Globalization;
using System.Text;
using Google.Protobuf;

namespace PayCore.Configuration.Etcd;

/// <summary>
/// etcd: the document's bytes stand at the key <c>{base}/{channel}/{account}</c>, earlier ones at <c>{base}/.history/…</c>. A change and its history are one
/// transaction. Changes are watched from the revision that was read last, so that none is missed; whoever reads gets everything as of one revision.
/// </summary>
public sealed class EtcdConfigBackend : IConfigBackend, IDisposable
{
    private const int PageSize = 100;

    private readonly EtcdClient _client;
    private readonly TimeProvider _time;
    private readonly string _base;
    private long _revision;

    /// <summary>Connects to nobody yet.</summary>
    /// <param name="options">Where etcd is.</param>
    /// <param name="configBase">What keys begin with, for example <c>/foo/bar/pay/config</c>.</param>
    /// <param name="time">The clock of limits and of the history.</param>
    /// <exception cref="InvalidOperationException">A setting is wrong; says which.</exception>
    public EtcdConfigBackend(EtcdOptions options, string configBase, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(configBase);
        (_client, _base, _time) = (new EtcdClient(options, time), configBase.TrimEnd('/'), time);
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ConfigDocument>> ReadAllAsync(CancellationToken cancellation)
    {
        var documents = new List<ConfigDocument>();
        var revision = 0L;
        // The history stands in the middle of the base's keys and is left out.
        foreach (var (first, end) in ((string, string)[])[($"{_base}/", $"{_base}/{ConfigVersion.Folder}/"), (Behind($"{_base}/{ConfigVersion.Folder}/"), Behind($"{_base}/"))])
        {
            var request = new RangeRequest { Key = Bytes(first), RangeEnd = Bytes(end), Limit = PageSize };
            while (true)
            {
                request.Revision = revision;
                var page = await RangeAsync(request, cancellation);
                revision = revision == 0 ? page.Header.Revision : revision;
                documents.AddRange(page.Kvs.Select(Read).OfType<ConfigDocument>());
                if (!page.More)
                {
                    break;
                }

                request.Key = ByteString.CopyFrom([.. page.Kvs[^1].Key, 0]);
            }
        }

        Volatile.Write(ref _revision, revision);
        return documents;
    }

    /// <inheritdoc/>
    public Task WaitForChangeAsync(CancellationToken cancellation) => _client.WatchAsync(
        new WatchCreateRequest { Key = Bytes($"{_base}/"), RangeEnd = Bytes(Behind($"{_base}/")), StartRevision = Volatile.Read(ref _revision) + 1 }, cancellation);

    /// <inheritdoc/>
    public async Task WriteAsync(string folder, string name, ReadOnlyMemory<byte> content, CancellationToken cancellation)
    {
        while (!await ChangeAsync(folder, name, static _ => true, content, cancellation))
        {
            // Somebody else wrote in between: what they wrote goes into the history, too.
        }
    }

    /// <inheritdoc/>
    public Task<bool> ReplaceAsync(string folder, string name, string? version, ReadOnlyMemory<byte> content, CancellationToken cancellation) =>
        ChangeAsync(folder, name, current => current == version, content, cancellation);

    /// <inheritdoc/>
    public Task<bool> DeleteAsync(string folder, string name, string version, CancellationToken cancellation) =>
        ChangeAsync(folder, name, current => current == version, null, cancellation);

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ConfigVersion>> HistoryAsync(string folder, string name, CancellationToken cancellation)
    {
        ConfigDocument.DemandName(folder, name);
        return Versions((await RangeAsync(Everything(HistoryKey(folder, name, "")), cancellation)).Kvs);
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Changes or deletes a document where its version is as expected and stays so until the change; what it was goes into the history in the same transaction.</summary>
    private async Task<bool> ChangeAsync(string folder, string name, Func<string?, bool> isExpected, ReadOnlyMemory<byte>? content, CancellationToken cancellation)
    {
        ConfigDocument.DemandName(folder, name);
        var key = Bytes($"{_base}/{folder}/{name}");
        var history = Everything(HistoryKey(folder, name, ""));
        history.KeysOnly = true;
        var look = new TxnRequest { Success = { new RequestOp { RequestRange = new RangeRequest { Key = key } }, new RequestOp { RequestRange = history } } };
        var looked = await _client.CallAsync((member, options) => new KV.KVClient(member).TxnAsync(look, options), isRepeatable: true, cancellation);
        var current = looked.Responses[0].ResponseRange.Kvs.SingleOrDefault();
        if (!isExpected(current is null ? null : VersionOf(current)))
        {
            return false;
        }

        if (current is not null && content?.Span.SequenceEqual(current.Value.Span) == true)
        {
            return true;
        }

        var change = new TxnRequest
        {
            Compare = { new Compare { Key = key, Target = Compare.Types.CompareTarget.Mod, ModRevision = current?.ModRevision ?? 0 } },
            Success =
            {
                content is { } next
                    ? new RequestOp { RequestPut = new PutRequest { Key = key, Value = ByteString.CopyFrom(next.Span) } }
                    : new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = key } },
            },
        };
        if (current is not null)
        {
            var number = Versions(looked.Responses[1].ResponseRange.Kvs) is [.., var last] ? last.Number + 1 : 1;
            var version = new ConfigVersion(number, _time.GetUtcNow(), current.Value.Memory);
            change.Success.Add(new RequestOp { RequestPut = new PutRequest { Key = Bytes(HistoryKey(folder, name, version.Name)), Value = current.Value } });
            if (number > ConfigVersion.KeptMax)
            {
                var oldest = HistoryKey(folder, name, ConfigVersion.NameOf(number - ConfigVersion.KeptMax + 1));
                change.Success.Add(new RequestOp { RequestDeleteRange = new DeleteRangeRequest { Key = history.Key, RangeEnd = Bytes(oldest) } });
            }
        }

        return (await _client.CallAsync((member, options) => new KV.KVClient(member).TxnAsync(change, options), isRepeatable: false, cancellation)).Succeeded;
    }

    private Task<RangeResponse> RangeAsync(RangeRequest request, CancellationToken cancellation) =>
        _client.CallAsync((member, options) => new KV.KVClient(member).RangeAsync(request, options), isRepeatable: true, cancellation);

    /// <summary>The document at a key, or null where the key is none of ours.</summary>
    private ConfigDocument? Read(KeyValue pair) => pair.Key.ToStringUtf8()[(_base.Length + 1)..].Split('/') is [var folder, var name] && ConfigDocument.IsName(folder) && ConfigDocument.IsName(name)
        ? pair.Value.Length > IConfigBackend.DocumentBytesMax
            ? ConfigDocument.TooLarge(folder, name, VersionOf(pair))
            : new ConfigDocument(folder, name, pair.Value.Memory, Version: VersionOf(pair))
        : null;

    private static IReadOnlyList<ConfigVersion> Versions(IEnumerable<KeyValue> history) =>
        [.. history.Select(h => ConfigVersion.Read(h.Key.ToStringUtf8().Split('/')[^1], h.Value.Memory)).OfType<ConfigVersion>()];

    private static string VersionOf(KeyValue pair) => pair.ModRevision.ToString(CultureInfo.InvariantCulture);

    private string HistoryKey(string folder, string name, string version) => $"{_base}/{ConfigVersion.Folder}/{folder}/{name}/{version}";

    private static RangeRequest Everything(string prefix) => new() { Key = Bytes(prefix), RangeEnd = Bytes(Behind(prefix)) };

    /// <summary>The first key behind those that begin with a folder: '0' follows '/'.</summary>
    private static string Behind(string prefix) => $"{prefix[..^1]}0";

    private static ByteString Bytes(string key) => ByteString.CopyFrom(key, Encoding.UTF8);
}
