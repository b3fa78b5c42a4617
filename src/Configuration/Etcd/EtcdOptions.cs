namespace PayCore.Configuration.Etcd;

/// <summary>Where etcd is, and how it knows us: the settings below <c>Config:Etcd</c>.</summary>
public sealed class EtcdOptions
{
    /// <summary>Addresses of its members, with commas between: <c>https://etcd-0:2379,https://etcd-1:2379</c>. They are used one at a time; when one fails, the next.</summary>
    public string Endpoints { get; set; } = "http://127.0.0.1:2379";

    /// <summary>The user; none by default.</summary>
    public string? User { get; set; }

    /// <summary>The user's password.</summary>
    public string? Password { get; set; }

    /// <summary>The certificates (PEM) by which etcd's own must be issued. Default: those that the system trusts. Read anew for each connection.</summary>
    public string? CaFile { get; set; }

    /// <summary>Our certificate (PEM), where etcd asks for one. Read anew for each connection.</summary>
    public string? CertFile { get; set; }

    /// <summary>The private key (PEM) of <see cref="CertFile"/>.</summary>
    public string? KeyFile { get; set; }

    /// <summary>No member: one is a secret.</summary>
    public override string ToString() => nameof(EtcdOptions);
}
