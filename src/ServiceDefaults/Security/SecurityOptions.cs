namespace PayCore.ServiceDefaults.Security;

/// <summary>How the services of one installation know one another (section <c>Security</c>).</summary>
public sealed class SecurityOptions
{
    /// <summary>
    /// <c>mtls</c> (default): every inner call goes over TLS, and both sides show a certificate of <see cref="CaFile"/> that names their role. <c>none</c>: without;
    /// accepted on loopback only. The all-in-one makes no inner calls over a network and needs neither.
    /// </summary>
    public string Internal { get; set; } = "mtls";

    /// <summary>The authorities whose certificates count, PEM. Several during a change of authority. Nothing else is trusted, and nobody outside is asked.</summary>
    public string CaFile { get; set; } = "";

    /// <summary>This process's certificate, PEM, followed by the certificates between it and the authority when there are any.</summary>
    public string CertFile { get; set; } = "";

    /// <summary>The private key of <see cref="CertFile"/>, PEM.</summary>
    public string KeyFile { get; set; } = "";

    /// <summary>How often the files are looked at for a change. Default 2 s.</summary>
    public TimeSpan ReloadEvery { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long before its end a certificate or an authority is warned of, in the log and in the detail of readiness. Default 14 days.</summary>
    public TimeSpan WarnBefore { get; set; } = TimeSpan.FromDays(14);

    /// <summary>Inner calls go over mutual TLS.</summary>
    public bool IsMutualTls => Internal == "mtls";
}
