using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PayCore.ChannelSimulator.Tests;

/// <summary>A merchant's client, written from the specification alone: it shares nothing with the product's.</summary>
internal sealed class AlipayClient : IDisposable
{
    public const string AppId = "2021000000000001";
    public const string Pid = "2088000000000001";

    // One key for the application of all tests. Its pem is copied into each client, so disposing one does not hurt another.
    private static readonly string _appKeyPem = RSA.Create(2048).ExportPkcs8PrivateKeyPem();

    private readonly RSA _appKey = RSA.Create();
    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    private AlipayClient(SimulatorHost host, AlipayMerchantRegistration registration)
    {
        _appKey.ImportFromPem(_appKeyPem);
        _time = host.Get<TimeProvider>();
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { BaseAddress = host.Address };
        Registered = host.Get<AlipayMerchants>().Register(registration);
    }

    public RegisteredAlipayMerchant Registered { get; private set; }

    /// <summary>The plain client, for what is not signed. It follows no redirect.</summary>
    public HttpClient Http => _http;

    public string AppCertSerial => Serial(X509Certificate2.CreateFromPem(Registered.AppCert));

    public string RootSerial
    {
        get
        {
            var roots = new X509Certificate2Collection();
            roots.ImportFromPem(Registered.AlipayRootCert);
            return string.Join('_', roots.Where(c => c.GetRSAPublicKey() is not null).Select(Serial));
        }
    }

    public static AlipayClient Register(SimulatorHost host, string mode = "key", int appCertDays = 1825, Uri? gateway = null) =>
        new(host, Registration() with { Mode = mode, AppCertDays = appCertDays, GatewayUrl = gateway?.ToString() });

    public static AlipayMerchantRegistration Registration()
    {
        using var key = RSA.Create();
        key.ImportFromPem(_appKeyPem);
        return new AlipayMerchantRegistration
        {
            AppId = AppId,
            Pid = Pid,
            Name = "Tea <House>",
            AppPublicKey = Convert.ToBase64String(key.ExportSubjectPublicKeyInfo()),
        };
    }

    public static JsonObject Order(string number = "ORDER00001") => new()
    {
        ["out_trade_no"] = number,
        ["total_amount"] = "12.34",
        ["subject"] = "一杯茶 A+B 100%",
        ["product_code"] = "QR_CODE_OFFLINE",
    };

    public static JsonObject PageOrder(string number = "ORDER00001") =>
        new(Order(number).Select(m => new KeyValuePair<string, JsonNode?>(m.Key, m.Key == "product_code" ? "FAST_INSTANT_TRADE_PAY" : m.Value!.DeepClone())));

    public Task<AlipayAnswer> PrecreateAsync(string number = "ORDER00001", Uri? notify = null, JsonObject? content = null) =>
        CallAsync("alipay.trade.precreate", content ?? Order(number), p => p["notify_url"] = notify?.ToString() ?? "");

    public Task<AlipayAnswer> QueryAsync(string number = "ORDER00001") => CallAsync("alipay.trade.query", new JsonObject { ["out_trade_no"] = number });

    public Task<AlipayAnswer> CloseAsync(string number = "ORDER00001") => CallAsync("alipay.trade.close", new JsonObject { ["out_trade_no"] = number });

    /// <summary>Precreates and lets the buyer scan the code: the trade waits.</summary>
    public async Task<string> ScannedAsync(SimulatorHost host, string number = "ORDER00001", Uri? notify = null)
    {
        var code = (await PrecreateAsync(number, notify)).Text("qr_code")!;
        host.Get<AlipayWallet>().Scan(code);
        return code;
    }

    /// <summary>A call as it is usual: public parameters in the query, biz_content in the body.</summary>
    public Task<AlipayAnswer> CallAsync(string method, JsonObject content, Action<SortedDictionary<string, string>>? change = null) =>
        SendAsync(Parameters(method, content, change), p => p.Key != "biz_content");

    /// <summary>The signed parameters of a call. <paramref name="change"/> is made before they are signed.</summary>
    public SortedDictionary<string, string> Parameters(string method, JsonObject content, Action<SortedDictionary<string, string>>? change = null)
    {
        var parameters = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["app_id"] = AppId,
            ["method"] = method,
            ["charset"] = "utf-8",
            ["sign_type"] = "RSA2",
            ["timestamp"] = _time.GetUtcNow().ToOffset(TimeSpan.FromHours(8)).ToString("yyyy-MM-dd HH:mm:ss"),
            ["version"] = "1.0",
            ["biz_content"] = content.ToJsonString(),
        };
        if (Registered.AppCert is not null)
        {
            parameters["app_cert_sn"] = AppCertSerial;
            parameters["alipay_root_cert_sn"] = RootSerial;
        }

        change?.Invoke(parameters);
        var text = string.Join('&', parameters.Where(p => p.Value.Length > 0).Select(p => $"{p.Key}={p.Value}"));
        parameters["sign"] = Convert.ToBase64String(_appKey.SignData(Encoding.UTF8.GetBytes(text), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        return parameters;
    }

    public async Task<AlipayAnswer> SendAsync(
        IReadOnlyDictionary<string, string> parameters, Func<KeyValuePair<string, string>, bool> inQuery, CancellationToken cancellation = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Target(parameters.Where(inQuery)))
        {
            Content = new FormUrlEncodedContent(parameters.Where(p => !inQuery(p))),
        };
        using var response = await _http.SendAsync(request, cancellation);
        return new AlipayAnswer(
            response.StatusCode, $"{response.Content.Headers.ContentType}", response.Headers.Date, await response.Content.ReadAsByteArrayAsync(cancellation));
    }

    /// <summary>The address with these parameters in its query.</summary>
    public static Uri Target(IEnumerable<KeyValuePair<string, string>> parameters) =>
        new("/gateway.do?" + string.Join('&', parameters.Select(p => $"{p.Key}={Uri.EscapeDataString(p.Value)}")), UriKind.Relative);

    /// <summary>Why an answer cannot be believed (alipay.md 3.2); null when it can.</summary>
    public string? Distrust(AlipayAnswer answer)
    {
        if (answer.Sign is null)
        {
            return "unsigned";
        }

        if (Registered.AlipayCert is { } certificate && answer.CertSerial != Serial(X509Certificate2.CreateFromPem(certificate)))
        {
            return "serial";
        }

        return HasSigned(answer.Node, answer.Sign) ? null : "signature";
    }

    /// <summary>Why a notify or a return cannot be believed (alipay.md 6.4); null when it can.</summary>
    public string? Distrust(IReadOnlyDictionary<string, string> form, Encoding? charset = null)
    {
        if (!form.TryGetValue("sign", out var sign) || form.GetValueOrDefault("sign_type") != "RSA2")
        {
            return "unsigned";
        }

        var text = string.Join('&', form.Where(p => p.Key is not ("sign" or "sign_type")).OrderBy(p => p.Key, StringComparer.Ordinal)
            .Select(p => $"{p.Key}={p.Value}"));
        return HasSigned((charset ?? Encoding.UTF8).GetBytes(text), sign) ? null : "signature";
    }

    /// <summary>Parses a form once, names and values by the charset.</summary>
    public static Dictionary<string, string> Form(string body, Encoding? charset = null) => body.Split('&').Select(p => p.Split('=', 2))
        .ToDictionary(
            p => System.Web.HttpUtility.UrlDecode(p[0], charset ?? Encoding.UTF8),
            p => p.Length < 2 ? "" : System.Web.HttpUtility.UrlDecode(p[1], charset ?? Encoding.UTF8));

    public void Renew(SimulatorHost host) => Registered = host.Get<AlipayMerchants>().RenewCertificate(AppId);

    public void Dispose()
    {
        _http.Dispose();
        _appKey.Dispose();
    }

    /// <summary>alipay.md 2.1, by another way than the simulator's: from the raw bytes of the serial number.</summary>
    public static string Serial(X509Certificate2 certificate)
    {
        var number = new System.Numerics.BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: true, isBigEndian: true);
        var issuer = string.Join(',', certificate.IssuerName.EnumerateRelativeDistinguishedNames()
            .Select(r => $"{Short(r.GetSingleElementType().FriendlyName)}={r.GetSingleElementValue()}"));
#pragma warning disable CA5351 // The provider's rule.
        return Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(issuer + number)));
#pragma warning restore CA5351
    }

    private static string Short(string? name) => name switch { "CN" or "OU" or "O" or "C" => name, _ => throw new InvalidOperationException($"odd name {name}") };

    private bool HasSigned(byte[] text, string sign)
    {
        using var key = RSA.Create();
        if (Registered.AlipayCert is { } certificate)
        {
            key.ImportFromPem(X509Certificate2.CreateFromPem(certificate).GetRSAPublicKey()!.ExportSubjectPublicKeyInfoPem());
        }
        else
        {
            key.ImportSubjectPublicKeyInfo(Convert.FromBase64String(Registered.AlipayPublicKey!), out _);
        }

        return key.VerifyData(text, Convert.FromBase64String(sign), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
    }
}

/// <summary>An answer, taken apart without understanding its node.</summary>
internal sealed record AlipayAnswer
{
    public AlipayAnswer(HttpStatusCode status, string contentType, DateTimeOffset? date, byte[] body)
    {
        (Status, ContentType, Date, Body) = (status, contentType, date, body);
        if (body is not [(byte)'{', ..])
        {
            return;
        }

        var reader = new Utf8JsonReader(body);
        try
        {
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var name = reader.GetString()!;
                reader.Read();
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                Take(name, body.AsSpan(start, (int)reader.BytesConsumed - start));
            }

            IsWhole = reader.TokenType == JsonTokenType.EndObject;
        }
        catch (JsonException)
        {
            // It broke off.
        }
    }

    public HttpStatusCode Status { get; }

    public string ContentType { get; }

    public DateTimeOffset? Date { get; }

    public byte[] Body { get; }

    public List<string> Members { get; } = [];

    public string? NodeName { get; private set; }

    public byte[] Node { get; private set; } = [];

    public string? Sign { get; private set; }

    public string? CertSerial { get; private set; }

    public bool IsWhole { get; }

    public JsonNode Json => JsonNode.Parse(Node)!;

    public string? Code => Text("code");

    public string? SubCode => Text("sub_code");

    public string? Text(string name) => (string?)Json[name];

    private void Take(string name, ReadOnlySpan<byte> value)
    {
        Members.Add(name);
        switch (name)
        {
            case "sign":
                Sign = JsonSerializer.Deserialize<string>(value);
                break;
            case "alipay_cert_sn":
                CertSerial = JsonSerializer.Deserialize<string>(value);
                break;
            default:
                (NodeName, Node) = (name, value.ToArray());
                break;
        }
    }
}
