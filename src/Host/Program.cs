using PayCore.Host;
using PayCore.Host.Demonstration;

if (args is ["demo", .. var demoArguments])
{
    return await Demo.RunAsync(demoArguments);
}

WebApplication app;
try
{
    app = PayCoreHost.Build(args);
    if (FirstStart.Applies(app))
    {
        await FirstStart.PrepareAsync(app);
    }
}
catch (InvalidOperationException e)
{
    // A wrong setting: say which, without a stack that hides it.
    Console.Error.WriteLine($"PayCore does not start: {e.Message}");
    return 1;
}

app.Lifetime.ApplicationStarted.Register(() => FirstStart.Greet(app));
await app.RunAsync();
return 0;
