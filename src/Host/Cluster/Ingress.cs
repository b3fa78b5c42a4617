using System.Net;
using Google.Api;
using Google.Protobuf.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PayCore.Contracts.V1;
using PayCore.ServiceDefaults;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Transforms;

namespace PayCore.Host.Cluster;

/// <summary>
/// The one address of the cluster for the world, as an Ingress is in Kubernetes: each request goes to an instance of the role that serves it. Which role that is follows
/// from the contracts. An instance that does not answer gets nothing until it does again; nothing is sent twice.
/// </summary>
internal static class Ingress
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    /// <summary>Builds it.</summary>
    public static WebApplication Build(ClusterPlan plan)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        var (web, grpc, operations) = (new Uri(plan.Web).Port, new Uri(plan.MerchantGrpc).Port, plan.Layout.Port("Ingress operations"));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, web, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.Listen(IPAddress.Loopback, grpc, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, operations, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddReverseProxy()
            .LoadFromMemory([.. Routes($"*:{web}", $"*:{grpc}")], [.. Targets(plan)])
            .AddTransforms(transforms => transforms.AddOriginalHost());
        var app = builder.Build();
        app.MapGet("/health/ready", () => "ok").RequireHost($"*:{operations}");
        app.MapReverseProxy();
        return app;
    }

    private static IEnumerable<RouteConfig> Routes(string web, string grpc)
    {
        foreach (var service in MerchantServices.All)
        {
            yield return Route($"{service.Name} grpc", grpc, $"/{service.FullName}/{{**rest}}");
            foreach (var method in service.Methods)
            {
                var (verb, path) = Rule(method);
                yield return Route(service.Name, web, path, verb);
            }
        }

        yield return Route(RoleNames.PayGateway, web, "/openapi.json");
        yield return Route(RoleNames.CallbackGateway, web, "/callback/{**rest}");
        yield return Route("shop", web, "/shop/{**rest}");
        yield return Route(RoleNames.PayCenter, web, "/{**rest}");
    }

    private static RouteConfig Route(string target, string host, string path, string? verb = null) => new()
    {
        RouteId = $"{verb} {host}{path}",
        ClusterId = target,
        Match = new RouteMatch { Hosts = [host], Path = path, Methods = verb is null ? null : [verb] },
    };

    private static (string Verb, string Path) Rule(MethodDescriptor method)
    {
        var rule = method.GetOptions().GetExtension(AnnotationsExtensions.Http);
        return rule.PatternCase == HttpRule.PatternOneofCase.Get ? ("GET", rule.Get) : ("POST", rule.Post);
    }

    private static IEnumerable<ClusterConfig> Targets(ClusterPlan plan)
    {
        var byRole = ClusterPlan.Instances.ToLookup(i => i.Role.Name);
        foreach (var role in MerchantServices.All.Select(s => s.Name))
        {
            yield return Target(plan, role, byRole[role], "web");
            yield return Target(plan, $"{role} grpc", byRole[role], "grpc") with
            {
                HttpRequest = new ForwarderRequestConfig { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact },
            };
        }

        yield return Target(plan, RoleNames.CallbackGateway, byRole[RoleNames.CallbackGateway], "web");
        yield return Target(plan, RoleNames.PayCenter, byRole[RoleNames.PayCenter], "web");
        // The shop's orders are in a file of one process.
        yield return Target(plan, "shop", byRole[RoleNames.PayCenter].Take(1), "web");
    }

    private static ClusterConfig Target(ClusterPlan plan, string name, IEnumerable<RoleInstance> instances, string port) => new()
    {
        ClusterId = name,
        LoadBalancingPolicy = "RoundRobin",
        Destinations = instances.ToDictionary(
            i => i.Name, i => new DestinationConfig { Address = plan.Address(i, port), Health = plan.Address(i, "operations") }),
        HealthCheck = new HealthCheckConfig
        {
            Active = new ActiveHealthCheckConfig { Enabled = true, Interval = _look, Timeout = _look * 4, Policy = "ConsecutiveFailures", Path = ClusterPlan.HealthPath },
        },
        Metadata = new Dictionary<string, string> { ["ConsecutiveFailuresHealthPolicy.Threshold"] = "1" },
    };
}
