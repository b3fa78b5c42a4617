using Microsoft.Extensions.Options;
using PayCore.Configuration;
using PayCore.Host;
using PayCore.Host.Cluster;
using PayCore.Host.CommandLine;
using PayCore.Host.Demonstration;

if (args is ["demo", "merchant", .. var merchantArguments])
{
    return await DemoMerchantElsewhere.RunAsync(merchantArguments);
}

if (args is ["demo", .. var demoArguments])
{
    return await Demo.RunAsync(demoArguments);
}

if (args is ["cluster", .. var clusterArguments])
{
    return await ClusterCommand.RunAsync(clusterArguments);
}

if (args is ["cli", .. var command])
{
    return await Commands.RunAsync(command);
}

try
{
    await using var app = PayCoreHost.Build(args);
    await PayCoreHost.PrepareAsync(app);
    try
    {
        await app.StartAsync();
    }
    catch
    {
        // What has begun is stopped in order: that its work ends is no failure of its own, of which a log would tell.
        await app.StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw;
    }

    await Greeting.WriteAsync(app, Console.Out);
    await app.WaitForShutdownAsync();
    return 0;
}
catch (Exception e) when (e is InvalidOperationException or OptionsValidationException or ConfigUnavailableException)
{
    // A wrong setting, or nothing to start from: say which, without a stack that hides it.
    Console.Error.WriteLine($"PayCore does not start: {e.Message}");
    return 1;
}
catch (IOException e) when (e.InnerException is Microsoft.AspNetCore.Connections.AddressInUseException)
{
    Console.Error.WriteLine($"PayCore does not start: {e.Message} Stop the other program, or choose ports: ./run --Ports:Web=9080 --Ports:Console=9082 --Ports:Operations=9085 --Ports:Simulator=9090");
    return 1;
}
