namespace PayCore.OrderMonitor.Alerts;

/// <summary>How an alert is written.</summary>
public enum AlertFormat
{
    /// <summary><c>{"type":"paycore.alert","text":"…","items":[…]}</c>; any 2xx acknowledges it.</summary>
    Json,

    /// <summary>A group robot of WeCom (企业微信): a text message; <c>errcode</c> 0 acknowledges it.</summary>
    WeCom,

    /// <summary>A group robot of DingTalk (钉钉): a text message, signed when there is a secret; <c>errcode</c> 0 acknowledges it.</summary>
    DingTalk,
}

/// <summary>Where people are told of what they must look at (section <c>Alerts</c>).</summary>
public sealed class AlertOptions
{
    /// <summary>The address. Empty (default): nobody is told, and the items wait in the list.</summary>
    public string Url { get; set; } = "";

    /// <summary>How it is written. Default: json.</summary>
    public AlertFormat Format { get; set; } = AlertFormat.Json;

    /// <summary>DingTalk's secret of the robot. Empty: the message is not signed.</summary>
    public string Secret { get; set; } = "";

    /// <summary>How often new items are looked for; what came meanwhile goes into one message. Robots take 20 messages a minute. Default 5 s.</summary>
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>An alert that was not acknowledged is sent again after this. Default 60 s.</summary>
    public TimeSpan AgainAfter { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Items in one message. Range 1–200, default 20.</summary>
    public int ItemsMax { get; set; } = 20;

    /// <summary>Connecting and sending take at most this long. Default 10 s.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);
}
