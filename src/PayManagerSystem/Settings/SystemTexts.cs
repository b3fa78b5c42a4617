using PayCore.Contracts.V1;
using PayCore.PayManagerSystem.Web;

namespace PayCore.PayManagerSystem.Settings;

/// <summary>What the page of the system says.</summary>
internal static class SystemTexts
{
    public static readonly Text How = new("Processes as they say themselves, channels, configuration, queues and the database.", "各进程自报状态、渠道、配置、队列与数据库。");
    public static readonly Text Instances = new("Processes", "进程");
    public static readonly Text InstancesHow = new(
        "Every process that works with PayDatabase says every 20 seconds how it does. PayCenter, channels and the simulator have no way to it: their readiness is at their own ports.",
        "每个使用 PayDatabase 的进程每 20 秒上报一次。PayCenter、渠道与模拟器无法访问 PayDatabase，请通过其自身端口查看就绪状态。");
    public static readonly Text NoInstances = new("No process has said anything yet", "还没有进程上报");
    public static readonly Text Where = new("Process", "进程");
    public static readonly Text Roles = new("Roles", "角色");
    public static readonly Text AllRoles = new("all roles", "全部角色");
    public static readonly Text Version = new("Version", "版本");
    public static readonly Text Started = new("Started", "启动");
    public static readonly Text Clock = new("Clock", "时钟");
    public static readonly Text Ready = new("Readiness", "就绪");
    public static readonly Text Seen = new("seen", "上报");
    public static readonly Text Channels = new("Channels", "渠道");
    public static readonly Text ChannelsHow = new("As QueryGateway reaches them now.", "QueryGateway 当前的连通情况。");
    public static readonly Text Answers = new("Answers", "正常");
    public static readonly Text Silent = new("Does not answer", "无响应");
    public static readonly Text Configuration = new("Configuration", "配置");
    public static readonly Text Backend = new("Backend", "存储");
    public static readonly Text Revision = new("Revision", "修订号");
    public static readonly Text Documents = new("Documents", "配置数");
    public static readonly Text OldestCopy = new("Oldest copy in use", "最旧的生效副本");
    public static readonly Text Current = new("all current", "均为最新");
    public static readonly Text Trouble = new("Cannot be read by {0}: {1}", "{0} 无法读取：{1}");
    public static readonly Text Away = new("The configuration does not answer the console just now.", "控制台暂时无法读取配置。");
    public static readonly Text Refused = new("Refused documents", "被拒绝的配置");
    public static readonly Text NoneRefused = new("Every document is in use", "所有配置均已生效");
    public static readonly Text Database = new("Database", "数据库");
    public static readonly Text Server = new("Server", "服务器");
    public static readonly Text Schema = new("Schema", "结构版本");
    public static readonly Text Replica = new("Replica for lists", "只读副本");
    public static readonly Text NoReplica = new("none", "无");
    public static readonly Text ReplicaSilent = new("does not answer", "无响应");
    public static readonly Text Lag = new("{0} s behind", "落后 {0} 秒");
    public static readonly Text NoLagSaid = new("answers", "正常");
    public static readonly Text Queues = new("Work that is due", "到期任务");
    public static readonly Text Due = new("Due", "到期");
    public static readonly Text Oldest = new("Oldest", "最早");
    public static readonly Text GivenUp = new("Notifications given up", "已放弃的通知");
    public static readonly Text Unnumbered = new("Events not in a feed yet", "尚未编入事件流");

    /// <summary>How a process does.</summary>
    public static Text Of(Instance.Types.Readiness readiness) => readiness switch
    {
        Instance.Types.Readiness.Ready => new("Ready", "就绪"),
        Instance.Types.Readiness.Degraded => new("Ready, with a remark", "就绪，有提示"),
        Instance.Types.Readiness.NotReady => new("Not ready", "未就绪"),
        _ => new("Gone", "已离线"),
    };

    /// <summary>Where documents are kept.</summary>
    public static Text OfBackend(string backend) => backend == "folder" ? new("Folder", "文件夹") : new(backend, backend);

    /// <summary>A table with work.</summary>
    public static Text OfTable(string table) => table switch
    {
        "orders" => new("Payments to look at", "待查支付"),
        "refunds" => new("Refunds to look at", "待查退款"),
        "transfers" => new("Transfers to look at", "待查转账"),
        "deliveries" => new("Notifications to send", "待发通知"),
        _ => new(table, table),
    };
}
